#include "auth/access_token.hpp"

#include "domain/octets/octets.hpp"
#include "tests/gateway/support/tokens.hpp"

#include <array>

#define CAF_SUITE auth.access_token
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

constexpr std::array algorithms{signature_algorithm::eddsa, signature_algorithm::es256, signature_algorithm::hs256};
const std::string ada = "usr_00000000000000000001";
const timestamp begin{std::chrono::seconds{1'700'000'000}};

/// A token with any header and payload, signed as it should be, or with `signature`.
std::string forge(const token_maker& maker, const std::string& header, const std::string& payload,
                  const std::string* signature = nullptr) {
  auto token = to_base64url(header) + '.' + to_base64url(payload);
  const auto made = maker.keys->signer(begin).sign(token);
  return token + '.' + to_base64url(signature ? *signature : made);
}

std::string good_header(const token_maker& maker) {
  const auto& key = maker.keys->signer(begin);
  return R"({"alg":")" + std::string{name_of(key.algorithm())} + R"(","typ":"at+jwt","kid":")" + key.kid() + R"("})";
}

std::string payload(const std::string& more, const std::string& issuer = "waybill",
                    const std::string& audience = "waybill") {
  return R"({"iss":")" + issuer + R"(","aud":")" + audience + R"(","jti":"1")" + more + "}";
}

const std::string claims =
  R"(,"sub":"usr_00000000000000000001","iat":1700000000,"exp":1700000900,"roles":["customer"])";

token_fault fault_of(const token_maker& maker, const std::string& token, timestamp at = begin) {
  const auto seen = verify_access_token(*maker.keys, maker.rules, token, at);
  REQUIRE(!seen.claims);
  return seen.fault;
}

} // namespace

SCENARIO("a token of each algorithm says who its bearer is until it ends") {
  for (const auto algorithm : algorithms) {
    const token_maker maker{algorithm};
    const auto token = maker.token(ada, {"customer", "operator"}, begin);
    const auto seen = verify_access_token(*maker.keys, maker.rules, token, begin + 14min);
    REQUIRE(seen.claims);
    CHECK_EQ(seen.claims->subject, ada);
    CHECK_EQ(seen.claims->roles, (std::vector<std::string>{"customer", "operator"}));
    CHECK(seen.claims->expires_at == begin + 15min);
    CHECK(fault_of(maker, token, begin + 15min + maker.rules.leeway) == token_fault::expired);
    CHECK(fault_of(maker, token, begin - maker.rules.leeway - 1s) == token_fault::not_yet_valid);
  }
}

SCENARIO("the forged tokens of these tests would be good ones") {
  for (const auto algorithm : algorithms) {
    const token_maker maker{algorithm};
    CHECK(
      verify_access_token(*maker.keys, maker.rules, forge(maker, good_header(maker), payload(claims)), begin).claims);
  }
}

SCENARIO("a token that was changed anywhere is refused") {
  for (const auto algorithm : algorithms) {
    const token_maker maker{algorithm};
    const auto token = maker.token(ada, {"customer"}, begin);
    for (std::size_t i = 0; i < token.size(); ++i) {
      auto changed = token;
      changed[i] = changed[i] == 'A' ? 'B' : 'A';
      CHECK(!verify_access_token(*maker.keys, maker.rules, changed, begin).claims);
      CHECK(!verify_access_token(*maker.keys, maker.rules, token.substr(0, i), begin).claims);
    }
    CHECK(!verify_access_token(*maker.keys, maker.rules, token + "A", begin).claims);
    CHECK(!verify_access_token(*maker.keys, maker.rules, token + "=", begin).claims);
    CHECK(!verify_access_token(*maker.keys, maker.rules, token + ".", begin).claims);
  }
}

SCENARIO("the algorithm is the key's, whatever the token says") {
  const token_maker maker{signature_algorithm::es256};
  const auto kid = maker.keys->signer(begin).kid();
  const std::string empty;
  for (const auto* name : {"none", "None", "HS256", "EdDSA", "RS256", ""}) {
    const auto header = R"({"alg":")" + std::string{name} + R"(","typ":"at+jwt","kid":")" + kid + R"("})";
    CHECK(fault_of(maker, forge(maker, header, payload(claims))) == token_fault::malformed);
    CHECK(fault_of(maker, forge(maker, header, payload(claims), &empty)) == token_fault::malformed);
  }
  // Signed by HMAC under what everybody can read.
  const auto public_part = maker.keys->signer(begin).public_jwk();
  const auto confused = signing_key::read(signature_algorithm::hs256, to_base64url(public_part));
  REQUIRE(confused.has_value());
  const auto signed_part = to_base64url(good_header(maker)) + '.' + to_base64url(payload(claims));
  CHECK(fault_of(maker, signed_part + '.' + to_base64url(confused->sign(signed_part))) == token_fault::bad_signature);
}

SCENARIO("a header with unknown contents is refused before its signature is checked") {
  const token_maker maker;
  const auto kid = maker.keys->signer(begin).kid();
  const auto with = [&](const std::string& members) { return fault_of(maker, forge(maker, members, payload(claims))); };
  for (const std::string typ : {"JWT", "application/jwt", "at+jwtx", "application/", "application/application/at+jwt"})
    CHECK(with(R"({"alg":"EdDSA","typ":")" + typ + R"(","kid":")" + kid + R"("})") == token_fault::malformed);
  CHECK(with(R"({"alg":"EdDSA","kid":")" + kid + R"("})") == token_fault::malformed);
  CHECK(with(R"({"alg":"EdDSA","typ":"at+jwt"})") == token_fault::malformed);
  CHECK(with(R"({"alg":"EdDSA","typ":"at+jwt","kid":"other"})") == token_fault::unknown_key);
  CHECK(with(R"({"alg":"EdDSA","typ":"at+jwt","kid":")" + kid + R"(","crit":["exp"],"jwk":{}})")
        == token_fault::malformed);
  CHECK(with(R"({"alg":"EdDSA","alg":"EdDSA","typ":"at+jwt","kid":")" + kid + R"("})") == token_fault::malformed);
  CHECK(with("[]") == token_fault::malformed);
  CHECK(with("") == token_fault::malformed);
}

SCENARIO("a token of another key, issuer, audience or kind of user is refused") {
  const token_maker maker;
  const token_maker stranger;
  CHECK(fault_of(maker, stranger.token(ada, {"admin"}, begin)) == token_fault::unknown_key);
  const auto with = [&](const std::string& text) { return fault_of(maker, forge(maker, good_header(maker), text)); };
  CHECK(with(payload(claims, "others")) == token_fault::wrong_claims);
  CHECK(with(payload(claims, "waybill", "others")) == token_fault::wrong_claims);
  for (const auto* wrong : {
         R"(,"sub":"usr_00000000000000000001","iat":1700000000,"roles":[])",
         R"(,"sub":"usr_00000000000000000001","exp":1700000900,"roles":[])",
         R"(,"sub":"usr_00000000000000000001","iat":1700000000,"exp":"1700000900","roles":[])",
         R"(,"sub":"usr_00000000000000000001","iat":1700000000,"exp":1700000900.5,"roles":[])",
         R"(,"sub":"usr_00000000000000000001","iat":1700000000,"exp":-1,"roles":[])",
         R"(,"sub":"usr_00000000000000000001","iat":1700000000,"exp":9223372036854775807,"roles":[])",
         R"(,"sub":"usr_00000000000000000001","iat":1700000000,"exp":1700000900)",
         R"(,"sub":"usr_00000000000000000001","iat":1700000000,"exp":1700000900,"roles":["root"])",
         R"(,"sub":"usr_00000000000000000001","iat":1700000000,"exp":1700000900,"roles":"admin")",
         R"(,"sub":"cus_00000000000000000001","iat":1700000000,"exp":1700000900,"roles":[])",
         R"(,"sub":"","iat":1700000000,"exp":1700000900,"roles":[])",
       })
    CHECK(with(payload(wrong)) == token_fault::wrong_claims);
  CHECK(with(payload(claims + R"(,"nbf":1700000100)")) == token_fault::not_yet_valid);
}

SCENARIO("a key that was replaced verifies what it signed, and the set of public keys has no secret") {
  auto first = signing_key::make(signature_algorithm::eddsa);
  auto second = signing_key::make(signature_algorithm::hs256);
  auto third = signing_key::make(signature_algorithm::es256);
  const token_keys keys{{{third, begin + 1h}, {first, begin - 1h}, {second, begin}}};
  CHECK_EQ(keys.signer(begin - 1s).kid(), first.kid());
  CHECK_EQ(keys.signer(begin).kid(), second.kid());
  CHECK_EQ(keys.signer(begin + 2h).kid(), third.kid());
  CHECK(keys.find(first.kid()) != nullptr);
  CHECK_NE(keys.jwks().find(first.kid()), std::string::npos);
  CHECK_NE(keys.jwks().find(third.kid()), std::string::npos);
  CHECK_EQ(keys.jwks().find(second.kid()), std::string::npos);
  CHECK_EQ(keys.jwks().find(second.secret()), std::string::npos);
  CHECK_EQ(keys.jwks().find("\"d\""), std::string::npos);
}

SCENARIO("keys are written and read back, and a key of another kind is refused") {
  for (const auto algorithm : algorithms) {
    const auto key = signing_key::make(algorithm);
    const auto again = signing_key::read(algorithm, key.secret());
    REQUIRE(again.has_value());
    CHECK_EQ(again->kid(), key.kid());
    CHECK(again->verify("text", key.sign("text")));
    CHECK(!again->verify("other", key.sign("text")));
    CHECK(!again->verify("text", ""));
    for (const auto other : algorithms)
      if (other != algorithm)
        CHECK(signing_key::read(other, key.secret()).has_error());
  }
  CHECK(signing_key::read(signature_algorithm::hs256, to_base64url(std::string(31, 'x'))).has_error());
  const auto both =
    read_token_keys(signature_algorithm::eddsa, signing_key::make(signature_algorithm::eddsa).secret()
                                                  + signing_key::make(signature_algorithm::eddsa).secret());
  REQUIRE(both.has_value());
}

SCENARIO("base64url has one way to write each text") {
  for (const std::string text : {"", "f", "fo", "foo", "foob", "\xFF\xFE\xFD"})
    CHECK_EQ(from_base64url(to_base64url(text)).value_or("wrong"), text);
  CHECK_EQ(to_base64url("\xFB\xFF"), "-_8");
  for (const auto* wrong : {"A", "Zg==", "Zh", "Zm9=", "Zm+v", "Zm/v", "Zm 9", "Zm9v\n"})
    CHECK(!from_base64url(wrong));
}

SCENARIO("the example key of RFC 8037 has the thumbprint that it gives, and signs as it says") {
  // Appendix A: the private key in PKCS #8 (RFC 8410), its thumbprint, the signature of its example.
  const auto key =
    signing_key::read(signature_algorithm::eddsa, "-----BEGIN PRIVATE KEY-----\n"
                                                  "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
                                                  "-----END PRIVATE KEY-----\n");
  REQUIRE(key.has_value());
  CHECK_EQ(key->kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  CHECK_EQ(to_base64url(key->sign("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc")),
           "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
}
