// Compresses what Vite built, and writes the C++ source that compiles it in: pack.mjs <dist> <web_data.cpp>
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { constants, gzipSync } from "node:zlib";

const [dist, source] = process.argv.slice(2).map((path) => resolve(path));
/// Smaller ones gain nothing.
const smallest = 512;

function* filesBelow(folder, prefix = "") {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* filesBelow(path, `${prefix}${name}/`);
    else if (!name.endsWith(".gz")) yield [prefix + name, path];
  }
}

const files = [...filesBelow(dist)];
for (const [name, path] of [...files]) {
  const octets = readFileSync(path);
  if (octets.length < smallest) continue;
  writeFileSync(`${path}.gz`, gzipSync(octets, { level: constants.Z_BEST_COMPRESSION }));
  files.push([`${name}.gz`, `${path}.gz`]);
}

const symbol = (index) => `waybill_web_${index}`;
writeFileSync(source, `// Made by web/pack.mjs.
#include "gateway/pages/page_file.hpp"

#include <array>

// By the assembler, as in gateway/pages/pages_data.cpp.in.
#define WAYBILL_FILE(symbol, path)                                                                                     \\
  asm(".pushsection .rodata\\n" #symbol "_begin:\\n.incbin \\"" path "\\"\\n" #symbol "_end:\\n.byte 0\\n.popsection\\n");      \\
  extern "C" const char symbol##_begin[];                                                                              \\
  extern "C" const char symbol##_end[];

${files.map(([, path], index) => `WAYBILL_FILE(${symbol(index)}, "${path}")`).join("\n")}

namespace waybill::http::pages {

namespace {

page_file make_file(std::string_view name, const char* begin, const char* end) noexcept {
  return {name, {begin, static_cast<std::size_t>(end - begin)}};
}

} // namespace

const page_file* find_web_file(std::string_view name) noexcept {
  static const auto files = std::to_array<page_file>({
${files.map(([name], index) => `    make_file("${name}", ${symbol(index)}_begin, ${symbol(index)}_end),`).join("\n")}
  });
  for (const auto& file : files)
    if (file.name == name)
      return &file;
  return nullptr;
}

} // namespace waybill::http::pages
`);
