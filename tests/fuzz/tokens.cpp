#include "auth/access_token.hpp"
#include "domain/octets/octets.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>

using namespace waybill;

namespace {

/// Of a time that seeds can name.
constexpr timestamp test_time{std::chrono::seconds{1'900'000'000}};

const token_keys& keys() {
  static const token_keys all{{{signing_key::read(signature_algorithm::hs256, std::string(43, 'A')).value(), {}}}};
  return all;
}

void check(const verified_token& seen) {
  if (!seen.claims)
    return;
  fuzz::require(seen.claims->expires_at + token_rules{}.leeway > test_time);
  fuzz::require(seen.claims->subject.starts_with("usr_"));
}

} // namespace

/// Tokens as they arrive, and their contents after a valid signature: the first line of an input becomes the header,
/// the second the claims, both signed by our key.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::view(data, size);
  check(verify_access_token(keys(), {}, text, test_time));
  const auto line = std::min(text.find('\n'), text.size());
  auto header = std::string{text.substr(0, line)};
  // The name of the key is a hash, which no fuzzer guesses.
  const auto& key = keys().signer(test_time);
  if (const auto at = header.find("KID"); at != std::string::npos)
    header.replace(at, 3, key.kid());
  const auto claims = text.substr(std::min(line + 1, text.size()));
  const auto token = to_base64url(header) + '.' + to_base64url(claims);
  check(verify_access_token(keys(), {}, token + '.' + to_base64url(key.sign(token)), test_time));
  return 0;
}
