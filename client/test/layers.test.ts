import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const source = join(import.meta.dirname, "../src");

function files(folder: string): { name: string; text: string }[] {
  return readdirSync(join(source, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => ({ name: `${folder}/${name}`, text: readFileSync(join(source, folder, name), "utf8") }));
}

test("sync knows no framework, no DOM and nothing above it", () => {
  for (const { name, text } of files("sync")) {
    for (const [, from] of text.matchAll(/from "([^"]+)"/g)) expect(from, name).toMatch(/^\.\/|^\.\.\/protocol\.gen$/);
    expect(text, name).not.toMatch(/(?<![.\w])(document|localStorage|sessionStorage|navigator|HTML\w*Element)\s*[.(]/);
  }
});

test("text knows no more than Preact's elements", () => {
  for (const { name, text } of files("text")) {
    for (const [, from] of text.matchAll(/from "([^"]+)"/g)) expect(from, name).toMatch(/^\.\/|^preact$/);
  }
});

test("nothing turns a string into markup or code", () => {
  for (const folder of ["sync", "text", "ui"]) {
    for (const { name, text } of files(folder)) {
      expect(text, name).not.toMatch(
        /innerHTML|outerHTML|insertAdjacentHTML|dangerouslySet|document\.write|\beval\(|new Function/,
      );
    }
  }
});
