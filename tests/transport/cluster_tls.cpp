#include "transport/cluster_tls.hpp"

#include "tests/support/certificates.hpp"
#include "tests/support/temp_folder.hpp"

#include <openssl/ssl.h>

#include <filesystem>

#define CAF_SUITE transport.cluster_tls
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

using std::chrono::hours;

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

struct fixture {
  /// Writes the files of a node.
  tls_settings files_of(const std::string& ca, const certificate_and_key& own) const {
    write_credentials(folder.path(), ca, own);
    return {folder / "ca.pem", folder / "node.pem", folder / "node.key", {}};
  }

  /// The line that ends the start; empty when the credentials are taken.
  static std::string refusal(const tls_settings& settings) {
    const auto loaded = cluster_tls::load(settings);
    if (!loaded.has_error())
      return {};
    CAF_MESSAGE(loaded.error().detail);
    CAF_CHECK(!contains(loaded.error().detail, "\n"));
    return loaded.error().detail;
  }

  /// How credentials with `own` of the right authority are refused.
  std::string refusal(const certificate_options& own) const {
    return refusal(files_of(authority.certificate(), authority.issue("node", own)));
  }

  temp_folder folder;
  test_authority authority{"shop"};
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("without any of the options there is no TLS") {
  const auto loaded = cluster_tls::load({});
  REQUIRE(loaded.has_value());
  CHECK(!loaded->used());
  CHECK(loaded->context() == nullptr);
}

SCENARIO("a certificate of the authority with its key is taken") {
  const auto own =
    authority.issue("order-1", {.begins = hours{-1}, .ends = hours{48}, .usage = "serverAuth,clientAuth"});
  const auto loaded = cluster_tls::load(files_of(authority.certificate(), own));
  REQUIRE(loaded.has_value());
  CHECK(loaded->used());
  CHECK_EQ(loaded->subject(), "CN = order-1");
  CHECK(loaded->expires() > now() + hours{47});
  CHECK(loaded->expires() < now() + hours{49});
}

SCENARIO("incomplete options are refused with a line that names the missing ones") {
  const auto whole = files_of(authority.certificate(), authority.issue("node"));
  CHECK(contains(refusal({whole.ca, whole.certificate, {}, {}}), "cluster-tls-key: missing"));
  CHECK(contains(refusal({whole.ca, {}, whole.key, {}}), "cluster-tls-certificate: missing"));
  CHECK(contains(refusal({{}, whole.certificate, whole.key, {}}), "cluster-tls-ca: missing"));
  CHECK(contains(refusal({whole.ca, {}, {}, {}}), "cluster-tls-certificate, cluster-tls-key: missing"));
  CHECK(contains(refusal(tls_settings{{}, {}, {}, "secret"}),
                 "cluster-tls-ca, cluster-tls-certificate, cluster-tls-key: missing"));
}

SCENARIO("a file that cannot be read or is something else is named") {
  const auto good = files_of(authority.certificate(), authority.issue("node"));
  auto bad = good;
  bad.ca = folder / "absent.pem";
  CHECK(contains(refusal(bad), "cluster-tls-ca: " + bad.ca + " cannot be read: No such file"));
  bad = good;
  bad.key = folder.path();
  CHECK(contains(refusal(bad), "cluster-tls-key: " + bad.key + " cannot be read"));
  bad = good;
  bad.certificate = good.key;
  CHECK(contains(refusal(bad), "cluster-tls-certificate: " + good.key + " holds no PEM certificate"));
  bad = good;
  bad.key = good.certificate;
  CHECK(contains(refusal(bad), "cluster-tls-key: " + good.certificate + " holds no PEM private key"));
  bad = good;
  bad.ca = folder / "cut.pem";
  write_file(bad.ca, authority.certificate().substr(0, 300));
  CHECK(contains(refusal(bad), "cluster-tls-ca: " + bad.ca));
}

SCENARIO("a key of another certificate is refused") {
  auto own = authority.issue("node");
  own.key = authority.issue("node").key;
  CHECK(contains(refusal(files_of(authority.certificate(), own)), "is not the key of"));
}

SCENARIO("a certificate that the authority did not issue is refused") {
  const test_authority other{"other"};
  const test_authority same_name{"shop"};
  for (const auto& own : {other.issue("node"), same_name.issue("node"), test_authority::self_signed("node")})
    CHECK(contains(refusal(files_of(authority.certificate(), own)), "was not issued by the authority"));
}

SCENARIO("a certificate outside of its period is refused, and so is such an authority") {
  CHECK(contains(refusal({.begins = hours{-3}, .ends = hours{-1}, .usage = "serverAuth,clientAuth"}),
                 "node.pem has expired"));
  CHECK(contains(refusal({.begins = hours{1}, .ends = hours{3}, .usage = "serverAuth,clientAuth"}),
                 "node.pem is not valid yet"));
  const test_authority old{"old", {.begins = hours{-9}, .ends = hours{-1}, .usage = {}}};
  CHECK(contains(refusal(files_of(old.certificate(), old.issue("node"))), "an authority above"));
}

SCENARIO("a certificate for one end of a connection only is refused") {
  CHECK(contains(refusal({.begins = hours{-1}, .ends = hours{9}, .usage = "serverAuth"}), "extendedKeyUsage"));
  CHECK(contains(refusal({.begins = hours{-1}, .ends = hours{9}, .usage = "clientAuth"}), "extendedKeyUsage"));
}

SCENARIO("an encrypted key needs its passphrase") {
  auto own = authority.issue("node");
  own.key = encrypted(own.key, "open sesame");
  auto settings = files_of(authority.certificate(), own);
  CHECK(contains(refusal(settings), "cluster-tls-passphrase: missing"));
  settings.passphrase = "close sesame";
  CHECK(contains(refusal(settings), "cluster-tls-passphrase: it does not open"));
  CHECK(!contains(refusal(settings), "sesame"));
  settings.passphrase = "open sesame";
  CHECK_EQ(refusal(settings), "");
}

SCENARIO("during a change of authorities the file holds both") {
  const test_authority next{"shop"};
  const auto both = authority.certificate() + next.certificate();
  CHECK_EQ(refusal(files_of(both, authority.issue("node"))), "");
  CHECK_EQ(refusal(files_of(both, next.issue("node"))), "");
}

SCENARIO("loaded certificates do not need their files again") {
  const auto settings = files_of(authority.certificate(), authority.issue("node"));
  const auto loaded = cluster_tls::load(settings);
  REQUIRE(loaded.has_value());
  for (const auto& path : {settings.ca, settings.certificate, settings.key})
    std::filesystem::remove(path);
  CHECK_EQ(SSL_CTX_check_private_key(loaded->context().get()), 1);
}

SCENARIO("both ends must show a certificate, by TLS 1.3") {
  const auto loaded = cluster_tls::load(files_of(authority.certificate(), authority.issue("node")));
  REQUIRE(loaded.has_value());
  auto* context = loaded->context().get();
  CHECK_EQ(SSL_CTX_get_verify_mode(context), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT);
  CHECK_EQ(SSL_CTX_get_min_proto_version(context), TLS1_3_VERSION);
}

END_FIXTURE_SCOPE()
