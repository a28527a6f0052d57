// Unpacks Chromium, its libraries and a font into TMPDIR, which the caller chooses.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import chromium, { inflate } from "@sparticuz/chromium";

const packed = join(dirname(createRequire(import.meta.url).resolve("@sparticuz/chromium")), "..", "bin");
await chromium.executablePath();
await inflate(join(packed, "al2023.tar.br"));
