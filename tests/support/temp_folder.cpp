#include "tests/support/temp_folder.hpp"

#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace waybill::test {

temp_folder::temp_folder() {
  auto pattern = (std::filesystem::temp_directory_path() / "waybill-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error("no temporary folder");
  path_ = pattern;
}

temp_folder::~temp_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

} // namespace waybill::test
