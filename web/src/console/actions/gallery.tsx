import { Picture } from "../../shared/picture";
import type { Desk } from "../desk";
import { FileButton } from "./file-button";

export function Gallery({ desk, urls }: { desk: Desk; urls: string[] }) {
  const reorder = (order: string[]) =>
    desk.perform("Gallery reordered", () => desk.ask("ReorderGallery", { urls: order }));
  const remove = (url: string) =>
    desk.perform("Picture taken out", () => desk.ask("RemoveGalleryImage", { url }));
  return (
    <fieldset disabled={desk.isBusy.value}>
      <legend>Gallery</legend>
      <ol class="gallery">
        {urls.map((url, place) => (
          <li key={url}>
            <Picture url={url} alt="" />
            <span title={url}>{named(place)}</span>
            <button
              type="button"
              class="quiet"
              aria-label={`Take ${named(place).toLowerCase()} out`}
              onClick={() => remove(url)}
            >
              <span aria-hidden="true">✕</span>
            </button>
            <button
              type="button"
              class="quiet"
              disabled={place === 0 || desk.isBusy.value}
              aria-label={`Move ${named(place).toLowerCase()} up`}
              onClick={() => reorder(movedUp(urls, place))}
            >
              <span aria-hidden="true">↑</span>
            </button>
          </li>
        ))}
      </ol>
      <div class="row">
        <FileButton
          label="Add a picture"
          onChoose={(file) =>
            desk.perform("Picture added", () => desk.send("UploadGalleryImage", { variable: "image", file }))
          }
        />
      </div>
    </fieldset>
  );
}

function movedUp(urls: string[], place: number): string[] {
  const moved = urls.toSpliced(place, 1);
  return moved.toSpliced(place - 1, 0, ...urls.slice(place, place + 1));
}

function named(place: number): string {
  return `Picture ${place + 1}`;
}
