#include "nodes/memory_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

namespace waybill {

result<memory_file> memory_file::make(const char* name, std::string_view content) {
  memory_file file;
  file.descriptor_ = ::memfd_create(name, MFD_CLOEXEC);
  while (file.descriptor_ >= 0 && !content.empty()) {
    const auto written = ::write(file.descriptor_, content.data(), content.size());
    if (written < 0 && errno != EINTR)
      break;
    content.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  }
  if (file.descriptor_ < 0 || !content.empty())
    return failure{ec::internal, std::string{"no memory for "} + name + ": " + std::strerror(errno)};
  return file;
}

memory_file::~memory_file() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

std::string memory_file::path() const {
  return "/proc/self/fd/" + std::to_string(descriptor_);
}

} // namespace waybill
