import { useEffect, useRef, useState } from "preact/hooks";
import type { Offer } from "./hotel";
import { Picture } from "../shared/picture";

export function Offers({ offers }: { offers: Offer[] }) {
  // What is there when the page opens is not news; what comes or changes later is.
  const isOpen = useRef(false);
  useEffect(() => {
    isOpen.current = true;
  }, []);
  return (
    <section aria-labelledby="offers">
      <h2 id="offers">Offers</h2>
      <ul class="offers">
        {offers.map((offer) => (
          <OfferCard key={JSON.stringify(offer)} offer={offer} isNews={isOpen.current} />
        ))}
      </ul>
    </section>
  );
}

function OfferCard({ offer, isNews }: { offer: Offer; isNews: boolean }) {
  const [wasNews] = useState(isNews);
  const { title, tag, shortDescription, detailsText, bookNowUrl, photoUrl, validFrom, validTo } = offer;
  return (
    <li class={`sheet ${wasNews ? "news" : ""}`}>
      {photoUrl && <Picture url={photoUrl} alt="" />}
      <div>
        {tag && <p class="eyebrow">{tag}</p>}
        <h3>{title}</h3>
        <p class="soft">{shortDescription}</p>
        {detailsText && <p class="soft">{detailsText}</p>}
        {(validFrom || validTo) && <p class="soft">{validity(validFrom, validTo)}</p>}
        {/^https?:/.test(bookNowUrl) && <a href={bookNowUrl}>Book this offer</a>}
      </div>
    </li>
  );
}

function validity(from: string | null, to: string | null): string {
  const parts = [from && `from ${date(from)}`, to && `until ${date(to)}`];
  return `Valid ${parts.filter(Boolean).join(" ")}`;
}

function date(text: string): string {
  return new Date(`${text}T12:00`).toLocaleDateString("en-IE", { day: "numeric", month: "long" });
}
