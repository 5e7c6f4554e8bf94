import { useEffect, useRef } from "preact/hooks";
import { Picture } from "../../shared/picture";
import type { Desk } from "../desk";
import { FileButton } from "./file-button";

export function Gallery({ desk, urls }: { desk: Desk; urls: string[] }) {
  const list = useRef<HTMLOListElement>(null);
  const moving = useRef<string | null>(null);
  const moveUp = (place: number) => {
    moving.current = urls[place] ?? null;
    void desk.perform("Gallery reordered", () => desk.ask("ReorderGallery", { urls: movedUp(urls, place) }));
  };
  // A button that is moved loses the focus; whoever moves a picture twice wants it where the picture is.
  useEffect(() => {
    const place = moving.current === null ? -1 : urls.indexOf(moving.current);
    moving.current = null;
    list.current?.querySelectorAll<HTMLElement>(".up")[place]?.focus();
  }, [urls.join(" ")]);
  const remove = (url: string) =>
    desk.perform("Picture taken out", () => desk.ask("RemoveGalleryImage", { url }));
  return (
    <fieldset aria-busy={desk.isBusy.value}>
      <legend>Gallery</legend>
      <ol class="gallery" ref={list}>
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
              class="quiet up"
              aria-disabled={place === 0}
              aria-label={`Move ${named(place).toLowerCase()} up`}
              onClick={() => place > 0 && moveUp(place)}
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
