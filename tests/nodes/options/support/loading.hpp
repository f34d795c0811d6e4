#pragma once

#include "domain/base/errors.hpp"
#include "nodes/options/config.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

namespace waybill::test {

using words = std::vector<std::string>;
using variables = std::map<std::string, std::string>;

/// A file that is gone when the test is over.
class temporary_file {
public:
  explicit temporary_file(const std::string& content)
    : path_(std::filesystem::temp_directory_path()
            / ("waybill-config-" + std::to_string(::getpid()) + '-' + std::to_string(++count_))) {
    std::ofstream{path_} << content;
  }
  ~temporary_file() { std::filesystem::remove(path_); }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;

  [[nodiscard]] std::string path() const { return path_.string(); }

private:
  static inline int count_ = 0;
  std::filesystem::path path_;
};

/// Throws std::runtime_error with the line that ends the start.
inline node_config loaded(words arguments, variables environment = {}) {
  auto outcome = load_config({std::move(arguments), std::move(environment)});
  if (outcome.has_error())
    throw std::runtime_error{"refused: " + outcome.error().detail};
  return std::move(outcome->config);
}

/// The line that ends the start; empty when the configuration was taken.
inline std::string refusal(words arguments, variables environment = {}) {
  const auto outcome = load_config({std::move(arguments), std::move(environment)});
  return outcome.has_error() ? outcome.error().detail : std::string{};
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

} // namespace waybill::test
