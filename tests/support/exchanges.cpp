#include "tests/support/exchanges.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <stdexcept>

#include <unistd.h>

namespace waybill::test {

namespace json = boost::json;

namespace {

void append_to_file(const json::object& line) {
  static const char* folder = std::getenv("WAYBILL_TEST_EXCHANGES");
  if (folder == nullptr || *folder == '\0')
    return;
  static std::mutex mutex;
  const std::lock_guard guard{mutex};
  static std::ofstream file{[] {
    std::filesystem::create_directories(folder);
    return std::string{folder} + '/' + std::to_string(::getpid()) + ".jsonl";
  }()};
  file << json::serialize(line) << '\n' << std::flush;
  if (!file)
    throw std::runtime_error{"cannot be written: the exchanges of the tests"};
}

} // namespace

void record(const exchange& seen) {
  json::array headers;
  for (const auto& [name, value] : seen.headers)
    headers.push_back(json::array{name, value});
  append_to_file({{"method", seen.method},
                  {"target", seen.target},
                  {"request_type", seen.request_type},
                  {"request_body", seen.request_body},
                  {"status", seen.status},
                  {"headers", std::move(headers)},
                  {"body", seen.body}});
}

void record_frame(std::string_view text) {
  append_to_file({{"frame", text}});
}

std::pair<std::string, std::string> request_line(std::string_view octets) {
  const auto line = octets.substr(0, octets.find("\r\n"));
  const auto first = line.find(' ');
  const auto second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos || !line.substr(second).starts_with(" HTTP/1."))
    return {};
  const auto method = line.substr(0, first);
  if (!std::all_of(method.begin(), method.end(), [](char c) { return c >= 'A' && c <= 'Z'; }))
    return {};
  return {std::string{method}, std::string{line.substr(first + 1, second - first - 1)}};
}

} // namespace waybill::test
