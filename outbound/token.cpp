#include "outbound/token.hpp"

#include "domain/base/errors.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace waybill::outbound {

result<std::string> find_token(const std::string& given, const std::string& file) {
  if (!given.empty() && !file.empty())
    return failure{ec::invalid_argument, "--token and --token-file are both given"};
  auto token = given;
  if (!file.empty()) {
    std::ifstream from{file};
    if (!from || !std::getline(from, token) || token.empty())
      return failure{ec::invalid_argument, "--token-file: " + file + " cannot be read, or is empty"};
  } else if (const char* variable = std::getenv("WAYBILL_TOKEN"); variable != nullptr && token.empty()) {
    token = variable;
  }
  // It becomes a part of a header's line.
  const bool visible = std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (!visible)
    return failure{ec::invalid_argument, "the token holds characters that no token has"};
  return token;
}

} // namespace waybill::outbound
