#include "messages/type_ids.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/role_cluster.hpp"
#include "tests/support/tls_stranger.hpp"

#include <algorithm>

#define CAF_SUITE cluster.tls
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

using std::chrono::hours;
using words = std::vector<std::string>;

words joined(words first, const words& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

command_result shell(const std::string& address, const words& tls) {
  return run_waybill(joined({"shell", "--connect=" + address, "-c", "nodes", "-o", "json"}, tls));
}

/// An authority, a foreign one, and the options of a node with a right certificate.
struct shop_keys {
  temp_folder folder;
  test_authority authority{"shop"};
  test_authority foreign{"shop"};
  words good = write_credentials(folder.path() / "good", authority.certificate(), authority.issue("node"));

  /// The options of a node that trusts itself and has `own`.
  [[nodiscard]] words with(const std::string& name, const std::string& trusted, const certificate_and_key& own) const {
    return write_credentials(folder.path() / name, trusted, own);
  }
};

/// One node that demands certificates.
struct guarded_node : shop_keys {
  node_process node{folder.path().string(), "guarded",
                    joined(quick_settings(), joined(good, {"--store=sqlite:" + (folder / "shop.db")}))};

  guarded_node() { node.await_ready(); }

  /// A shell with the right certificate still gets its answer.
  void check_serves() {
    const auto asked = shell(node.listen_address(), good);
    CAF_CHECK_EQUAL(asked.code, std::optional<int>{0});
    CAF_CHECK(asked.out.find("guarded") != std::string::npos);
  }
};

std::string application() {
  return "waybill-" + std::to_string(protocol_version);
}

void check_refused_at_start(const words& tls, const std::string& message) {
  const temp_folder folder;
  const auto refused = run_waybill(
    joined({"node", "--store=sqlite:" + (folder / "refused.db"), "--http=127.0.0.1:0", "--listen=127.0.0.1:0"}, tls));
  CAF_CHECK_EQUAL(refused.code, std::optional<int>{2});
  CAF_CHECK_EQUAL(std::ranges::count(refused.err, '\n'), 1);
  CAF_CHECK(refused.err.find(message) != std::string::npos);
  CAF_CHECK(!std::filesystem::exists(folder / "refused.db"));
}

} // namespace

SCENARIO("a peer with a certificate of the authority gets the handshake of the protocol, by TLS 1.3 only") {
  guarded_node shop;
  const auto own = shop.authority.issue("friend");
  tls_stranger caller{shop.node.listen_address(), own, TLS1_3_VERSION};
  CHECK(caller.hears(application()));
  tls_stranger old{shop.node.listen_address(), own, TLS1_2_VERSION};
  CHECK_EQ(old.everything(), "");
  CHECK(old.was_closed());
  CHECK_EQ(shop.node.stop(), std::optional<int>{0});
}

SCENARIO("a peer without a right certificate gets nothing, not even the handshake of the protocol") {
  guarded_node shop;
  const certificate_options expired{.begins = hours{-9}, .ends = hours{-1}, .usage = "serverAuth,clientAuth"};
  const certificate_options server_only{.begins = hours{-1}, .ends = hours{9}, .usage = "serverAuth"};
  const std::pair<const char*, certificate_and_key> strangers[] = {
    {"no certificate", {}},
    {"a certificate of another authority of the same name", shop.foreign.issue("node")},
    {"a certificate that it signed itself", test_authority::self_signed("node")},
    {"an expired certificate", shop.authority.issue("node", expired)},
    {"a certificate that is not for clients", shop.authority.issue("node", server_only)},
  };
  for (const auto& [stranger, own] : strangers) {
    CAF_MESSAGE(stranger);
    tls_stranger caller{shop.node.listen_address(), own, TLS1_3_VERSION};
    CHECK_EQ(caller.everything(), "");
    CHECK(caller.was_closed());
    shop.check_serves();
  }
  CHECK_EQ(shop.node.stop(), std::optional<int>{0});
}

SCENARIO("a peer without TLS gets no byte of the protocol") {
  guarded_node shop;
  // A header of BASP as a client would begin with, and one that claims a huge payload.
  for (const auto& first : {std::string(48, '\0'), "\1" + std::string(3, '\0') + std::string(44, '\x7f')}) {
    plain_stranger caller{shop.node.listen_address()};
    caller.say(first);
    CHECK_EQ(caller.everything().find("waybill"), std::string::npos);
    CHECK(caller.was_closed());
    shop.check_serves();
  }
  CHECK_EQ(shop.node.stop(), std::optional<int>{0});
}

SCENARIO("peers that connect and stay silent delay no other") {
  guarded_node shop;
  std::vector<plain_stranger> silent;
  for (int i = 0; i < 100; ++i)
    silent.emplace_back(shop.node.listen_address());
  shop.check_serves();
  // At most 64 connections are open before their handshake; the first ones were closed.
  CHECK_EQ(silent.front().everything(), "");
  CHECK(silent.front().was_closed());
  CHECK_EQ(shop.node.stop(), std::optional<int>{0});
}

SCENARIO("a shell needs a certificate of the authority, and trusts no node without one") {
  guarded_node shop;
  const auto address = shop.node.listen_address();
  shop.check_serves();
  const auto without = shell(address, {});
  CHECK_EQ(without.code, std::optional<int>{8});
  CHECK(without.err.find("demands certificates") != std::string::npos);
  const auto foreign = shop.with("foreign", shop.foreign.certificate(), shop.foreign.issue("node"));
  CHECK_EQ(shell(address, foreign).code, std::optional<int>{8});
  // Trusts the node, which does not trust it: its own authority has signed for both.
  const auto credulous =
    shop.with("credulous", shop.authority.certificate() + shop.foreign.certificate(), shop.foreign.issue("node"));
  const auto refused = shell(address, credulous);
  CHECK_EQ(refused.code, std::optional<int>{8});
  CHECK_EQ(refused.out, "");
  CHECK_EQ(shop.node.stop(), std::optional<int>{0});
  node_process plain{shop.folder.path().string(), "plain",
                     joined(quick_settings(), {"--store=sqlite:" + (shop.folder / "plain.db")})};
  plain.await_ready();
  CHECK_EQ(shell(plain.listen_address(), shop.good).code, std::optional<int>{8});
  CHECK_EQ(shell(plain.listen_address(), {}).code, std::optional<int>{0});
  CHECK_EQ(plain.stop(), std::optional<int>{0});
}

SCENARIO("incomplete TLS options, or a certificate that no peer would trust, end the start with one line") {
  const shop_keys keys;
  check_refused_at_start({keys.good[0], keys.good[1]}, "cluster-tls-key: missing");
  check_refused_at_start({"--cluster-tls-ca=/does/not/exist", keys.good[1], keys.good[2]}, "cannot be read");
  check_refused_at_start(keys.with("foreign", keys.authority.certificate(), keys.foreign.issue("node")),
                         "was not issued by the authority");
  const certificate_options expired{.begins = hours{-9}, .ends = hours{-1}, .usage = "serverAuth,clientAuth"};
  check_refused_at_start(keys.with("expired", keys.authority.certificate(), keys.authority.issue("node", expired)),
                         "has expired");
}

SCENARIO("six nodes with TLS play all scenarios, and a node without a valid certificate owns no shard") {
  const shop_keys keys;
  // With the defaults: the scenarios need couriers who are not too late.
  role_cluster shop{keys.good};
  const auto played = run_waybill({"scenario", "run", "all", "--url=" + shop.url()}, std::chrono::seconds{300});
  CHECK_EQ(played.code, std::optional<int>{0});
  if (played.code != 0)
    CAF_MESSAGE(played.out << played.err);
  CHECK(run_waybill(joined({"health", "--role=order", "--name=order-1", "--store=postgresql://not/used",
                            "--listen=" + shop.node("order").listen_address()},
                           keys.good))
          .code
        == 0);

  // It has the database's password, and so a row in the table of nodes, but no node connects to it.
  const auto intruder_with = [&](const words& tls) {
    return node_process{keys.folder.path().string(), "order-2",
                        joined(joined(quick_settings(), tls), {"--role=order", "--store=" + shop.database()})};
  };
  const auto reached = [&] {
    const auto list = shell(shop.node("gateway").listen_address(), keys.good);
    const auto at = list.out.find("order-2");
    const auto end = list.out.find('}', at);
    return at == std::string::npos ? std::string{} : list.out.substr(at, end - at);
  };
  for (const auto& tls : {words{}, keys.with("foreign", keys.foreign.certificate(), keys.foreign.issue("node"))}) {
    auto intruder = intruder_with(tls);
    intruder.await_ready();
    CHECK(
      eventually([&] { return shop.node("gateway").log().find("cannot reach node order-2") != std::string::npos; }));
    CHECK(eventually([&] { return intruder.log().find("cannot reach node payment-1") != std::string::npos; }));
    CHECK(reached().find("\"reachable\":false") != std::string::npos);
    CHECK_EQ(intruder.log().find("reached node"), std::string::npos);
    CHECK_EQ(shop.node("gateway").log().find("reached node order-2"), std::string::npos);
    CHECK_EQ(intruder.stop(), std::optional<int>{0});
  }
  // The failed handshakes of strangers broke nothing between the nodes.
  for (auto& [role, node] : shop.nodes())
    CHECK_EQ(node.log().find("lost its connection"), std::string::npos);
  auto member = intruder_with(keys.good);
  member.await_ready();
  CHECK(eventually([&] { return reached().find("\"reachable\":true") != std::string::npos; }));
  const auto again = run_waybill({"scenario", "run", "1", "--url=" + shop.url()});
  CAF_MESSAGE(again.out << again.err);
  CHECK_EQ(again.code, std::optional<int>{0});
  CHECK_EQ(member.stop(), std::optional<int>{0});
  for (const auto& [role, code] : shop.stop())
    CHECK_EQ(code, std::optional<int>{0});
  CHECK_EQ(shop.check().text(), "");
}
