#pragma once

#include <string_view>

namespace waybill::http {

/// A file of pages/, compiled in.
struct page_file {
  std::string_view name;
  std::string_view text;
};

/// Nothing when there is no file of that name.
const page_file* find_page(std::string_view name) noexcept;

} // namespace waybill::http
