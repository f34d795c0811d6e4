#include "tests/gateway/support/tls_client.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/node_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <csignal>

#define CAF_SUITE cluster.https
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

using words = std::vector<std::string>;

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// A shop of one process with HTTPS, redirection and a listener for operators.
struct shop {
  explicit shop(const words& more = {}) {
    put(authority.issue("first"));
    words all{"--store=sqlite:" + (folder / "shop.db"), "--http-tls-certificate=" + (folder / "site.pem"),
              "--http-tls-key=" + (folder / "site.key"), "--ops=127.0.0.1:0", "--http-redirect=127.0.0.1:0"};
    all.insert(all.end(), more.begin(), more.end());
    node = std::make_unique<node_process>(folder.path().string(), "single", all);
    CAF_REQUIRE(eventually([&] { return contains(node->log(), "serves as"); }));
  }

  void put(const certificate_and_key& own) const {
    write_file(folder / "site.pem", own.certificate);
    write_file(folder / "site.key", own.key);
  }
  void reload() const { node->process().signal(SIGHUP); }

  tls_wishes wishes() const {
    tls_wishes made;
    made.authority = authority.certificate();
    return made;
  }

  /// The port in the line of the log that holds `text`.
  std::uint16_t port(const std::string& text) const {
    const auto log = node->log();
    const auto colon = log.find(':', log.find("127.0.0.1", log.find(text)));
    return static_cast<std::uint16_t>(std::stoul(log.substr(colon + 1)));
  }
  std::uint16_t https() const { return port("answers HTTP on https://"); }
  std::uint16_t ops() const { return port("serves operators on http://"); }
  std::uint16_t redirect() const { return port("redirects http://"); }

  /// Whose certificate a new connection sees.
  std::string subject() const {
    tls_client client{https(), wishes()};
    return client.shake_hands() ? client.subject() : "no handshake";
  }

  temp_folder folder;
  test_authority authority{"clients trust this"};
  std::unique_ptr<node_process> node;
};

} // namespace

SCENARIO("SIGHUP loads a new certificate, and an invalid one leaves the old one in use") {
  shop s;
  tls_client open{s.https(), s.wishes()};
  REQUIRE(open.shake_hands());
  CHECK_EQ(open.send("GET", "/healthz").status, 200u);
  CHECK_EQ(s.subject(), "first");

  s.put({s.authority.issue("second").certificate, s.authority.issue("second").key});
  s.reload();
  REQUIRE(eventually([&] { return contains(s.node->log(), "stays as it is: http-tls-key"); }));
  CHECK_EQ(s.subject(), "first");

  s.put(s.authority.issue("third"));
  s.reload();
  CHECK(eventually([&] { return s.subject() == "third"; }));
  // The connection from before never noticed.
  CHECK_EQ(open.send("GET", "/healthz").status, 200u);
  CHECK_EQ(open.subject(), "first");
  CHECK_EQ(s.node->stop(), std::optional<int>{0});
}

SCENARIO("HTTPS serves everything: a scenario, the listener for operators, and a redirect from plain HTTP") {
  shop s;
  tls_client client{s.https(), s.wishes()};
  REQUIRE(client.shake_hands());
  CHECK(eventually([&] { return client.send("GET", "/readyz").status == 200; }));
  const auto story = client.send("GET", "/scenario/1");
  CHECK_EQ(story.status, 200u);
  CHECK_EQ(story.text("verdict"), "pass");
  CHECK_EQ(client.send("GET", "/metrics").status, 404u);
  const auto metrics = connection{s.ops()}.send("GET", "/metrics");
  CHECK(contains(metrics.body, "waybill_http_certificate_expiry_seconds"));
  CHECK(contains(metrics.body, "caf_system_running_actors"));
  const auto view = connection{s.ops()}.send("GET", "/debug/process").json();
  CHECK(view.at("actors").at("longest_mailboxes").is_array());
  CHECK(view.at("memory").at("allocator").at("allocated_bytes").to_number<std::int64_t>() > 0);
  const auto moved = connection{s.redirect()}.send("GET", "/docs");
  CHECK_EQ(moved.header("Location"), "https://localhost:" + std::to_string(s.https()) + "/docs");
  CHECK_EQ(s.node->stop(), std::optional<int>{0});
}

SCENARIO("a node with incomplete or mismatched HTTPS options ends with one line that says so") {
  const temp_folder folder;
  const test_authority authority{"clients trust this"};
  const auto own = authority.issue("site");
  write_file(folder / "site.pem", own.certificate);
  write_file(folder / "other.key", authority.issue("other").key);
  const auto check = [&](const words& options, const std::string& message) {
    words all{"node", "--store=sqlite:" + (folder / "refused.db"), "--http=127.0.0.1:0", "--listen=127.0.0.1:0"};
    all.insert(all.end(), options.begin(), options.end());
    const auto refused = run_waybill(all);
    CAF_CHECK_EQUAL(refused.code, std::optional<int>{2});
    CAF_CHECK_EQUAL(std::ranges::count(refused.err, '\n'), 1);
    CAF_CHECK(contains(refused.err, message));
  };
  const auto certificate = "--http-tls-certificate=" + (folder / "site.pem");
  check({certificate}, "http-tls-key: missing");
  check({certificate, "--http-tls-key=" + (folder / "other.key")}, "is not the key of");
  check({"--http-redirect=127.0.0.1:0"}, "http-redirect: there is no HTTPS");
  check({"--ops=0.0.0.0:0"}, "ops-public");
}
