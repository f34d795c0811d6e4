#pragma once

#include <string_view>

namespace waybill::http {

/// A file that is compiled in: those of pages/, the API documents, and Swagger UI if npm had it (`name.gz` is the same
/// compressed).
struct page_file {
  std::string_view name;
  std::string_view text;
};

/// Nothing when there is no file of that name.
const page_file* find_page(std::string_view name) noexcept;

} // namespace waybill::http
