#pragma once

#include <string_view>

namespace waybill::http::pages {

/// A file that is compiled in.
struct page_file {
  std::string_view name;
  std::string_view text;
};

/// As find_page, for what web/ is built to: `assets/`, `elements/` and `pages/`.
const page_file* find_web_file(std::string_view name) noexcept;

/// Null when there is no file of that name. `name.gz` is the same file compressed, for the large ones.
const page_file* find_page(std::string_view name) noexcept;

} // namespace waybill::http::pages
