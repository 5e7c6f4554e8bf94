import { useState } from "preact/hooks";

/** A picture, or a quiet surface where there is none or it does not load. */
export function Picture({ url, alt }: { url: string | null; alt: string }) {
  const [broken, setBroken] = useState<string | null>(null);
  if (!url || broken === url) {
    return <div class="picture" role={alt ? "img" : undefined} aria-label={alt || undefined} />;
  }
  return <img class="picture" src={url} alt={alt} loading="lazy" onError={() => setBroken(url)} />;
}
