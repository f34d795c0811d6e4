#include "domain/webhook/signature.hpp"

#include <limits>
#include <string>

#define CAF_SUITE domain.signature
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::webhook_signature;
using namespace std::chrono_literals;

namespace {

// The example that the reference libraries of Standard Webhooks publish.
const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const std::string id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::int64_t seconds = 1614265330;
const std::string body = R"({"test": 2432232314})";
const std::string signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const timestamp then{std::chrono::seconds{seconds}};

std::vector<key> keys_of(const std::string& text) {
  return read_keys(text).value();
}

verdict verify_with(std::string_view stamp, std::string_view signatures, std::string_view text = body,
                    timestamp now = then) {
  return verify(keys_of(secret), {id, stamp, signatures}, text, now, 300s);
}

} // namespace

SCENARIO("the published example has the published signature") {
  CHECK_EQ(sign(keys_of(secret).front(), id, seconds, body), signature);
  CHECK(verify_with("1614265330", signature) == verdict::good);
}

SCENARIO("a change of any octet of the message is a forgery") {
  for (std::size_t at = 0; at < body.size(); ++at) {
    auto changed = body;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CHECK(verify_with("1614265330", signature, changed) == verdict::forged);
  }
  CHECK(verify_with("1614265331", signature) == verdict::forged);
  CHECK(verify(keys_of(secret), {"msg_other", "1614265330", signature}, body, then, 300s) == verdict::forged);
  CHECK(verify_with("1614265330", "v1a," + signature.substr(3)) == verdict::forged);
  CHECK(verify_with("1614265330", signature.substr(0, signature.size() - 1)) == verdict::forged);
}

SCENARIO("without a key no signature is valid, not even one made with an empty key") {
  const std::vector<key> none;
  CHECK(verify(none, {id, "1614265330", signature}, body, then, 300s) == verdict::forged);
  const auto by_nothing = sign(key{}, id, seconds, body);
  CHECK(verify(none, {id, "1614265330", by_nothing}, body, then, 300s) == verdict::forged);
}

SCENARIO("a message signed too long ago, or in the future, is stale even with a valid signature") {
  CHECK(verify_with("1614265330", signature, body, then + 300s) == verdict::good);
  CHECK(verify_with("1614265330", signature, body, then + 301s) == verdict::stale);
  CHECK(verify_with("1614265330", signature, body, then - 300s) == verdict::good);
  CHECK(verify_with("1614265330", signature, body, then - 301s) == verdict::stale);
  CHECK(verify_with(std::to_string(std::numeric_limits<std::int64_t>::max()), signature) == verdict::stale);
}

SCENARIO("a missing header, or one that is not a number, is malformed") {
  for (const auto* stamp : {"", "soon", "-1", "1614265330.5", " 1614265330", "99999999999999999999"})
    CHECK(verify_with(stamp, signature) == verdict::malformed);
  CHECK(verify_with("1614265330", "") == verdict::malformed);
  CHECK(verify(keys_of(secret), {"", "1614265330", signature}, body, then, 300s) == verdict::malformed);
}

SCENARIO("while a secret is replaced, either key and either signature is accepted") {
  const std::string other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  const auto by_other = sign(keys_of(other).front(), id, seconds, body);
  CHECK(verify(keys_of(other + " " + secret), {id, "1614265330", signature}, body, then, 300s) == verdict::good);
  CHECK(verify_with("1614265330", by_other + " " + signature) == verdict::good);
  CHECK(verify_with("1614265330", by_other) == verdict::forged);
}

SCENARIO("a secret has its prefix, its Base64 and its size") {
  CHECK(read_keys("").value().empty());
  for (const auto* bad :
       {"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_c2hvcnQ=", "whsec_MfKQ9r8GKYqrTwjU=D8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!"}) {
    const auto refused = read_keys(bad);
    CHECK(refused.has_error());
    CHECK(refused.has_value() || refused.error().detail.find("MfKQ") == std::string::npos);
  }
}
