import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const css = readFileSync(join(import.meta.dirname, "../src/styles/tokens.css"), "utf8").split("@media")[0]!;

type Rgb = [number, number, number];
const SURFACES = ["paper", "desk", "raised", "sunk"];

/** Read a colour as it is in light, or in dark. */
function colour(name: string, dark: boolean): Rgb {
  const value = new RegExp(`--${name}: ([^;]+);`).exec(css)?.[1] ?? "";
  const pair = /light-dark\((#\w+), (#\w+)\)/.exec(value);
  const hex = pair ? pair[dark ? 2 : 1]! : value;
  const oklch = /oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)/.exec(value);
  if (oklch) return fromOklch(Number(oklch[1]) / 100, Number(oklch[2]), Number(oklch[3]));
  expect(hex, name).toMatch(/^#[0-9a-f]{6}$/);
  return [1, 3, 5].map((at) => linear(Number.parseInt(hex.slice(at, at + 2), 16) / 255)) as Rgb;
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}

/** Björn Ottosson's matrices, to linear sRGB. */
function fromOklch(lightness: number, chroma: number, hue: number): Rgb {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((channel) => Math.min(1, Math.max(0, channel))) as Rgb;
}

function contrast(one: Rgb, other: Rgb): number {
  const [dark, light] = [one, other].map(([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b).sort((a, b) => a - b);
  return (light! + 0.05) / (dark! + 0.05);
}

describe.each([
  ["light", false],
  ["dark", true],
])("%s", (_, dark) => {
  const against = (ink: string, ground: string) => contrast(colour(ink, dark), colour(ground, dark));

  test.each(["ink", "ink-2", "ink-3", "accent", "alert"])("%s can be read on every surface", (ink) => {
    for (const ground of SURFACES) expect(against(ink, ground), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
  });

  test.each([
    ["accent-ink", "accent"],
    ["alert-ink", "alert"],
    ["accent", "accent-wash"],
    ["ink", "mark"],
    ["ink-2", "mark"],
    ["accent", "mark"],
    ["ink", "alert-wash"],
    ...Array.from({ length: 12 }, (_, tone) => ["tone-ink", `tone-${tone}`]),
  ])("%s can be read on %s", (ink, ground) => {
    expect(against(ink!, ground!)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(["ok", "away"])("a dot of %s can be seen", (ink) => {
    for (const ground of ["desk", "paper"]) expect(against(ink, ground), ground).toBeGreaterThanOrEqual(3);
  });

  test("edges of controls can be seen", () => {
    for (const ground of ["paper", "raised"]) expect(against("hair-strong", ground), ground).toBeGreaterThanOrEqual(3);
  });
});
