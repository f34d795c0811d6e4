#include "domain/base/errors.hpp"
#include "nodes/options/config.hpp"
#include "nodes/wiring/gateway_setup.hpp"
#include "tests/nodes/options/support/loading.hpp"

#define CAF_SUITE nodes.grpc_options
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

SCENARIO("gRPC is off until it has an address") {
  CHECK(!node_config{}.grpc);
  const auto loaded = load_config(
    {{"--grpc=127.0.0.1:4050", "--grpc-max-message=1048576", "--http-tls-certificate=a", "--http-tls-key=b"}, {}});
  REQUIRE(loaded.has_value());
  const auto settings = grpc_settings(loaded->config);
  CHECK_EQ(settings.address, "127.0.0.1");
  CHECK_EQ(settings.port, 4050u);
  CHECK_EQ(settings.message_limit, 1048576u);
  CHECK_EQ(settings.certificate, "a");
  CHECK(contains(dump(*loaded), "grpc = 127.0.0.1:4050"));
}

SCENARIO("a door beyond this machine demands tokens as HTTP does") {
  CHECK(!node_config{}.auth_required());
  const auto open = load_config({{"--grpc=0.0.0.0:4050"}, {}});
  REQUIRE(open.has_value());
  CHECK(open->config.auth_required());
  CHECK(contains(refusal({"--grpc=0.0.0.0:4050", "--auth=demo"}), "auth: 0.0.0.0:4050"));
}

SCENARIO("options of gRPC that contradict themselves are refused") {
  CHECK(contains(refusal({"--grpc=127.0.0.1:4000"}), "grpc: it is the same address"));
  CHECK(contains(refusal({"--grpc=somewhere"}), "grpc"));
  CHECK(contains(refusal({"--grpc-client-ca=ca.pem"}), "grpc-client-ca: without grpc"));
  CHECK(contains(refusal({"--grpc=127.0.0.1:4050", "--grpc-client-ca=ca.pem"}), "under TLS only"));
  CHECK(contains(refusal({"--grpc=127.0.0.1:4050", "--grpc-max-message=10"}), "grpc-max-message"));
  CHECK(contains(
    refusal({"--grpc=127.0.0.1:4050", "--http-tls-certificate=a", "--http-tls-key=b", "--http-tls-passphrase=secret"}),
    "passphrase"));
}
