import { useState } from "preact/hooks";
import type { Desk, Offer } from "../desk";
import { FileButton } from "./file-button";

const IDEAS = ["Oysters & stout", "A boat on the lake", "Late breakfast", "Walk and dine", "Harp in the bar"];
const TAGS = ["Popular", "This week", "Last rooms"];

export function Offers({ desk, offers }: { desk: Desk; offers: Offer[] }) {
  const [chosenId, choose] = useState("");
  const chosen = offers.find(({ id }) => id === chosenId) ?? offers[0];

  const create = () =>
    desk.perform("Offer created", () => {
      const title = pick(IDEAS);
      return desk.ask("CreateOffer", { input: { title, shortDescription: `${title}, from the console.` } });
    });

  return (
    <fieldset aria-busy={desk.isBusy.value}>
      <legend>Offers</legend>
      {chosen && (
        <select
          aria-label="Offer"
          value={chosen.id}
          onChange={({ currentTarget }) => choose(currentTarget.value)}
        >
          {offers.map(({ id, title, isActive }) => (
            <option key={id} value={id}>
              {title}
              {isActive ? "" : " (hidden)"}
            </option>
          ))}
        </select>
      )}
      <div class="row">
        {chosen && <OfferButtons desk={desk} offer={chosen} />}
        <button type="button" onClick={create}>
          New offer
        </button>
      </div>
    </fieldset>
  );
}

function OfferButtons({ desk, offer: { id, isActive } }: { desk: Desk; offer: Offer }) {
  const update = (done: string, input: object) =>
    desk.perform(done, () => desk.ask("UpdateOffer", { id, input }));
  return (
    <>
      <FileButton
        label="Photo"
        onChoose={(file) =>
          desk.perform("Photo uploaded", () =>
            desk.send("UploadOfferImage", { variable: "photo", file }, { id }),
          )
        }
      />
      <button type="button" onClick={() => update("Offer changed", { tag: pick(TAGS) })}>
        Change
      </button>
      <button
        type="button"
        onClick={() => update(isActive ? "Offer hidden" : "Offer shown", { isActive: !isActive })}
      >
        {isActive ? "Hide" : "Show"}
      </button>
      <button
        type="button"
        onClick={() => desk.perform("Offer deleted", () => desk.ask("DeleteOffer", { id }))}
      >
        Delete
      </button>
    </>
  );
}

function pick(choices: string[]): string {
  return choices[Math.floor(Math.random() * choices.length)] ?? "";
}
