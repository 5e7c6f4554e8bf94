// The hotel's own colours, where it has chosen some.

import type { Theme } from "./hotel";

/** Dress the page as the theme says: a custom one brings its colours, the others say day or night. */
export function apply(theme: Theme): void {
  const { style } = document.documentElement;
  style.colorScheme = theme.mode === "CUSTOM" ? "normal" : theme.mode.toLowerCase();
  for (const [property, color] of Object.entries(colors(theme))) {
    style.setProperty(property, theme.mode === "CUSTOM" ? color : null);
  }
}

function colors(theme: Theme): Record<string, string> {
  const { backgroundColor, textColor, primaryColor, accentColor, buttonColor, linkColor } = theme;
  return {
    "--paper": backgroundColor,
    "--sheet": backgroundColor,
    "--ink": textColor,
    "--ink-soft": textColor,
    "--lake": buttonColor,
    "--lake-strong": buttonColor,
    "--on-lake": readableOn(buttonColor),
    "--link": linkColor,
    "--brass": primaryColor,
    "--line": accentColor,
  };
}

/** Black or white, whichever is read more easily on a colour written #RRGGBB. Source: WCAG 2.2, "contrast ratio". */
function readableOn(color: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => linear(parseInt(color.slice(at, at + 2), 16)));
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return luminance > 0.179 ? "#000000" : "#ffffff";
}

function linear(channel: number): number {
  const share = channel / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}
