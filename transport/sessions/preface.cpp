#include "transport/sessions/preface.hpp"

#include <algorithm>
#include <string_view>

namespace waybill {

namespace {

constexpr std::string_view protocol{"waybill\x01", 8};
constexpr std::size_t kind_at = protocol.size();
constexpr std::size_t user_at = 12;
static_assert(user_at + sizeof(std::uint32_t) == preface_size);

} // namespace

preface_bytes to_bytes(const preface& said) {
  preface_bytes bytes{};
  std::ranges::copy(protocol, bytes.begin());
  bytes[kind_at] = static_cast<char>(said.meaning);
  for (std::size_t i = 0; i < sizeof said.user; ++i)
    bytes[user_at + i] = static_cast<char>((said.user >> (24 - 8 * i)) & 0xFF);
  return bytes;
}

std::optional<preface> parse_preface(const preface_bytes& heard) {
  const std::string_view text{heard.data(), heard.size()};
  const auto padding = text.substr(kind_at + 1, user_at - kind_at - 1);
  const auto meaning = static_cast<std::uint8_t>(text[kind_at]);
  if (!text.starts_with(protocol) || padding.find_first_not_of('\0') != std::string_view::npos
      || meaning < static_cast<std::uint8_t>(preface::kind::hello)
      || meaning > static_cast<std::uint8_t>(preface::kind::refuses_unknown))
    return std::nullopt;
  preface said{static_cast<preface::kind>(meaning), 0};
  for (const char byte : text.substr(user_at))
    said.user = said.user << 8 | static_cast<std::uint8_t>(byte);
  return said;
}

} // namespace waybill
