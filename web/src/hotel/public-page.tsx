import { useEffect } from "preact/hooks";
import type { FollowedPage } from "../shared/follow-page";
import { LiveBadge } from "../shared/live-badge";
import type { Hotel, RoomType, Settings } from "./hotel";
import { Offers } from "./offers";
import { Picture } from "../shared/picture";
import { apply } from "./theme";

export function PublicPage({ page }: { page: FollowedPage<Hotel> }) {
  const hotel = page.data.value;
  useEffect(() => {
    if (hotel) {
      document.title = hotel.name;
      apply(hotel.settings.theme);
    }
  }, [hotel]);

  if (hotel === null) {
    return page.refusal.value && <Nothing refusal={page.refusal.value} />;
  }
  const { name, settings, offers, roomTypes, gallery } = hotel;
  return (
    <>
      <Hero name={name} settings={settings} isLive={page.isLive.value} />
      <main class="public-page">
        <About settings={settings} />
        {offers.length > 0 && <Offers offers={offers} />}
        {roomTypes.length > 0 && <Rooms roomTypes={roomTypes} />}
        {gallery.length > 0 && <Gallery urls={gallery.map(({ url }) => url)} />}
      </main>
      <Contact name={name} settings={settings} />
    </>
  );
}

function Hero({ name, settings, isLive }: { name: string; settings: Settings; isLive: boolean }) {
  const { heroImageDisplay, logo, tagline } = settings;
  return (
    <header class="hero">
      <Picture url={heroImageDisplay} alt="" />
      <div class="hero-text">
        <div class="hero-top">
          {logo && <Picture url={logo} alt="" />}
          <LiveBadge isLive={isLive} />
        </div>
        <h1>{name}</h1>
        <p>{tagline}</p>
      </div>
    </header>
  );
}

function About({
  settings: { welcomeMessage, shortDescription, longDescription, amenities },
}: {
  settings: Settings;
}) {
  return (
    <section class="about" aria-label="About the hotel">
      <p class="welcome">{welcomeMessage}</p>
      <div>
        <p>{shortDescription}</p>
        <p>{longDescription}</p>
        <ul class="amenities">
          {amenities.map((amenity) => (
            <li key={amenity}>{amenity}</li>
          ))}
        </ul>
      </div>
    </section>
  );
}

function Rooms({ roomTypes }: { roomTypes: RoomType[] }) {
  return (
    <section aria-labelledby="rooms">
      <h2 id="rooms">Rooms</h2>
      <ul class="rooms">
        {roomTypes.map(({ id, name, shortDescription, maxOccupancy, photoUrl }) => (
          <li key={id}>
            {photoUrl && <Picture url={photoUrl} alt="" />}
            <h3>{name}</h3>
            <p class="soft">{shortDescription}</p>
            <p class="soft">For up to {maxOccupancy}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Gallery({ urls }: { urls: string[] }) {
  return (
    <section aria-labelledby="gallery">
      <h2 id="gallery">Around the house</h2>
      <ul class="gallery">
        {urls.map((url, place) => (
          <li key={url}>
            <Picture url={url} alt={`Picture ${place + 1} of ${urls.length}`} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Contact({ name, settings }: { name: string; settings: Settings }) {
  const { contactAddress, contactEmail, contactPhone, website } = settings;
  return (
    <footer class="contact">
      <strong>{name}</strong>
      <span>{contactAddress}</span>
      {contactPhone && <a href={`tel:${contactPhone.replaceAll(" ", "")}`}>{contactPhone}</a>}
      {contactEmail && <a href={`mailto:${contactEmail}`}>{contactEmail}</a>}
      {/^https?:/.test(website) && <a href={website}>{website.replace(/^https?:\/\//, "")}</a>}
    </footer>
  );
}

function Nothing({ refusal }: { refusal: string }) {
  return (
    <main class="public-page nothing">
      <h1>{refusal === "NOT_FOUND" ? "There is no such hotel." : "The page cannot be shown."}</h1>
      <p class="soft">{refusal === "NOT_FOUND" ? "Look at the address again." : "Try again in a moment."}</p>
    </main>
  );
}
