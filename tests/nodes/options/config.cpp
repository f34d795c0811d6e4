#include "nodes/options/config.hpp"

#include "nodes/options/options.hpp"
#include "tests/nodes/options/support/loading.hpp"

#define CAF_SUITE nodes.config
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

SCENARIO("a flag comes before the environment, the environment before the file, the file before the default") {
  const temporary_file file{"readers = 3\njournals = 1\nworkers = 5\n"};
  const auto config =
    loaded({"--config=" + file.path(), "--readers=9"}, {{"WAYBILL_READERS", "8"}, {"WAYBILL_WORKERS", "7"}});
  CHECK_EQ(config.readers, 9u);
  CHECK_EQ(config.workers, 7u);
  CHECK_EQ(config.journals, 1u);
  CHECK_EQ(config.shutdown_timeout, node_config{}.shutdown_timeout);
}

SCENARIO("the environment can name the configuration file") {
  const temporary_file file{"# all of it\nlog-level = debug\n"};
  CHECK(loaded({}, {{"WAYBILL_CONFIG", file.path()}}).log.level == log_level::debug);
}

SCENARIO("an unknown option ends the start with a line that names it, wherever it stands") {
  CHECK(contains(refusal({"--nonsense=1"}), "nonsense"));
  CHECK(contains(refusal({}, {{"WAYBILL_NONSENSE", "1"}}), "WAYBILL_NONSENSE"));
  const temporary_file file{"nonsense = 1\n"};
  CHECK(contains(refusal({"--config=" + file.path()}), "nonsense"));
  CHECK(contains(refusal({"stray"}), "stray"));
}

SCENARIO("an abbreviated option is unknown") {
  CHECK(contains(refusal({"--reader=2"}), "reader"));
}

SCENARIO("environment variables of other programs with our prefix are ignored") {
  CHECK_EQ(refusal({}, {{"WAYBILL_PORT_4000_TCP", "tcp://10.0.0.1"}, {"WAYBILL_CAF_PREFIX", "/opt/caf"}}), "");
}

SCENARIO("a bad value ends the start with a line that names the option and the expected form") {
  for (const auto& [flag, name] :
       {std::pair{"--readers=many", "readers"}, std::pair{"--readers=0", "readers"},
        std::pair{"--readers=99999999999999999999", "readers"}, std::pair{"--cluster-lease=4", "cluster-lease"},
        std::pair{"--cluster-lease=-4s", "cluster-lease"}, std::pair{"--http=4000", "http"},
        std::pair{"--http=127.0.0.1:70000", "http"}, std::pair{"--role=order,cook", "role"},
        std::pair{"--role=order,order", "role"}, std::pair{"--insecure=yes", "insecure"},
        std::pair{"--log-level=loud", "log-level"}, std::pair{"--store=mysql://host", "store"}}) {
    const auto line = refusal({flag});
    CHECK(contains(line, name));
    CHECK(contains(line, "must be"));
    CHECK(!contains(line, "\n"));
  }
}

SCENARIO("the value of a flag stands behind an equals sign, or is the next word") {
  const auto config = loaded({"--readers", "9", "--name=a", "--workers", "3"});
  CHECK_EQ(config.readers, 9u);
  CHECK_EQ(config.workers, 3u);
  CHECK(contains(refusal({"--name="}), "no value for --name"));
  CHECK(contains(refusal({"--workers=3", "--name"}), "no value for --name"));
  CHECK(contains(refusal({"--"}), "unrecognised"));
  CHECK(contains(refusal({"-readers=9"}), "unexpected"));
}

SCENARIO("an option that is given twice is refused") {
  CHECK(contains(refusal({"--readers=1", "--readers=2"}), "readers is given twice"));
}

SCENARIO("a secret can be read from a file") {
  const temporary_file file{"postgresql://shop:s3cret@db/shop\n"};
  CHECK_EQ(loaded({}, {{"WAYBILL_STORE_FILE", file.path()}}).store.url, "postgresql://shop:s3cret@db/shop");
  CHECK(contains(refusal({}, {{"WAYBILL_STORE_FILE", "/does/not/exist"}}), "store-file"));
  CHECK(contains(refusal({}, {{"WAYBILL_STORE_FILE", file.path()}, {"WAYBILL_STORE", "sqlite:x"}}), "store-file"));
}

SCENARIO("a secret is never shown") {
  for (const auto* line : {"postgresql://shop:s3cret@db/shop", "postgresql://shop:s3cret/more@db/shop",
                           "postgresql://shop:s3cret@more@db/shop", "postgresql://db/shop?user=shop&password=s3cret",
                           "postgresql://shop:s3cret@db:5432/shop?sslmode=require"}) {
    const auto outcome = load_config({{std::string{"--store="} + line}, {}});
    REQUIRE(outcome.has_value());
    CHECK(!contains(dump(*outcome), "s3cret"));
    CHECK(contains(dump(*outcome), "store = postgresql://"));
  }
  CHECK(!contains(refusal({"--store=mysql://shop:s3cret@db"}), "s3cret"));
  CHECK(!contains(refusal({"--stores=postgresql://shop:s3cret@db"}), "s3cret"));
  CHECK(!contains(refusal({"--stor", "postgresql://shop:s3cret@db"}), "s3cret"));
}

SCENARIO("the dump says where each value comes from and can be read back") {
  auto outcome = load_config({{"--readers=9"}, {{"WAYBILL_WORKERS", "7"}}});
  REQUIRE(outcome.has_value());
  const auto text = dump(*outcome);
  CHECK(contains(text, "readers = 9  # flag\n"));
  CHECK(contains(text, "workers = 7  # environment\n"));
  CHECK(contains(text, "journals = 0  # default\n"));
  const temporary_file file{text};
  CHECK_EQ(loaded({"--config=" + file.path()}).readers, 9u);
}

SCENARIO("every default can be read by its own option") {
  for (const auto& row : all_options()) {
    node_config config;
    CHECK_EQ(row.set(config, row.show(config)), "");
  }
}

SCENARIO("an address that is not loopback needs tokens, or certificates, or insecure=on") {
  CHECK_EQ(refusal({"--http=0.0.0.0:4000"}), "");
  CHECK_EQ(refusal({"--http=0.0.0.0:4000", "--auth=required"}), "");
  CHECK(contains(refusal({"--http=0.0.0.0:4000", "--auth=demo"}), "insecure=on"));
  CHECK_EQ(refusal({"--http=0.0.0.0:4000", "--auth=demo", "--insecure=on"}), "");
  CHECK(contains(refusal({"--listen=10.1.2.3:4100"}), "insecure=on"));
  CHECK(contains(refusal({"--listen=[::]:4100"}), "insecure=on"));
  CHECK(contains(refusal({"--listen=127.0.0.1.example:4100"}), "insecure=on"));
  CHECK_EQ(refusal({"--http=0.0.0.0:4000", "--listen=0.0.0.0:4100", "--insecure=on"}), "");
  CHECK_EQ(refusal({"--http=127.1.2.3:4000", "--listen=[::1]:4100"}), "");
}

SCENARIO("the limits of a hold and of the dispatch grace are below the lifetime of a reservation") {
  CHECK(contains(refusal({"--order-hold-limit=2h"}), "order-hold-limit"));
  CHECK(contains(refusal({"--stock-reservation-ttl=30m"}), "order-hold-limit"));
  CHECK(contains(refusal({"--order-grace=2h"}), "order-grace"));
  CHECK_EQ(refusal({"--stock-reservation-ttl=30m", "--order-hold-limit=20m", "--order-grace=1m"}), "");
}

SCENARIO("tokens are demanded on every address but loopback, unless said otherwise") {
  CHECK(!loaded({}).auth_required());
  CHECK(!loaded({"--http=127.9.9.9:4000"}).auth_required());
  CHECK(loaded({"--http=0.0.0.0:4000"}).auth_required());
  CHECK(loaded({"--http=10.0.0.7:4000", "--insecure=on"}).auth_required());
  CHECK(loaded({"--auth=required"}).auth_required());
  CHECK(!loaded({"--http=0.0.0.0:4000", "--auth=demo", "--insecure=on"}).auth_required());
}

SCENARIO("keys and the admin's password are secrets, and a bad key is refused without showing it") {
  const auto key = signing_key::make(signature_algorithm::eddsa).secret();
  const temporary_file file{key};
  const auto outcome = load_config(
    {{"--auth-keys-file=" + file.path(), "--admin-email=Boss@Shop.example", "--admin-password=correct horse battery"},
     {}});
  REQUIRE(outcome.has_value());
  CHECK_EQ(outcome->config.auth.admin_email, "boss@shop.example");
  const auto text = dump(*outcome);
  CHECK(!contains(text, "PRIVATE"));
  CHECK(!contains(text, "horse"));
  CHECK(contains(refusal({"--auth-keys=sesame"}), "auth-keys"));
  CHECK(!contains(refusal({"--auth-keys=sesame"}), "sesame"));
  CHECK(contains(refusal({"--auth-algorithm=ES256", "--auth-keys-file=" + file.path()}), "auth-keys"));
  CHECK(contains(refusal({"--auth-algorithm=none"}), "auth-algorithm"));
  CHECK(contains(refusal({"--admin-email=boss"}), "admin-email"));
  CHECK(contains(refusal({"--admin-email=a@b", "--admin-password=short"}), "admin-password"));
  CHECK(contains(refusal({"--admin-password=correct horse battery"}), "admin-email"));
}

SCENARIO("certificates let a node listen for other nodes everywhere, but not for HTTP without tokens") {
  const words tls{"--cluster-tls-ca=ca.pem", "--cluster-tls-certificate=node.pem", "--cluster-tls-key=node.key"};
  const auto with = [&](const std::string& more) {
    auto all = tls;
    all.push_back(more);
    return all;
  };
  CHECK_EQ(refusal(with("--listen=0.0.0.0:4100")), "");
  auto open = with("--http=0.0.0.0:4000");
  CHECK_EQ(refusal(open), "");
  open.emplace_back("--auth=demo");
  CHECK(contains(refusal(open), "insecure=on"));
  for (std::size_t left_out = 0; left_out < tls.size(); ++left_out) {
    auto some = tls;
    some.erase(some.begin() + static_cast<std::ptrdiff_t>(left_out));
    const auto name = tls[left_out].substr(2, tls[left_out].find('=') - 2);
    CHECK(contains(refusal(some), name + ": missing"));
  }
}

SCENARIO("the passphrase of the key is a secret") {
  const temporary_file file{"open sesame\n"};
  const variables environment{{"WAYBILL_CLUSTER_TLS_CA", "ca.pem"},
                              {"WAYBILL_CLUSTER_TLS_CERTIFICATE", "node.pem"},
                              {"WAYBILL_CLUSTER_TLS_KEY", "node.key"},
                              {"WAYBILL_CLUSTER_TLS_PASSPHRASE_FILE", file.path()}};
  CHECK_EQ(loaded({}, environment).tls.passphrase, "open sesame");
  const auto outcome = load_config({{}, environment});
  REQUIRE(outcome.has_value());
  CHECK(!contains(dump(*outcome), "sesame"));
}

SCENARIO("a shell takes its TLS options from the same sources as a node, and leaves the other options") {
  const temporary_file file{"cluster-tls-ca = of-file\ncluster-tls-key = of-file\nreaders = 3\n"};
  config_sources sources{{"-c", "nodes", "--cluster-tls-key=of-flag", "--config", file.path(), "-o", "json"},
                         {{"WAYBILL_CLUSTER_TLS_CERTIFICATE", "of-environment"}, {"WAYBILL_READERS", "no number"}}};
  const auto tls = take_tls_settings(sources);
  REQUIRE(tls.has_value());
  CHECK_EQ(tls->ca, "of-file");
  CHECK_EQ(tls->certificate, "of-environment");
  CHECK_EQ(tls->key, "of-flag");
  CHECK_EQ(sources.arguments, (words{"-c", "nodes", "-o", "json"}));
  config_sources half{{"--cluster-tls-key=node.key"}, {}};
  CHECK(take_tls_settings(half).has_error());
}

SCENARIO("some of the roles need PostgreSQL") {
  CHECK(contains(refusal({"--role=order"}), "role"));
  const auto config = loaded({"--role=payment,order", "--store=postgresql://db/shop"});
  CHECK(config.has(role::order));
  CHECK(config.has(role::payment));
  CHECK(!config.has(role::gateway));
  CHECK(config.journal_count() >= 1);
  CHECK_EQ(loaded({"--store=postgresql://db/shop", "--journals=3"}).journal_count(), 3u);
  CHECK_EQ(config.advertised_http(), "");
}

SCENARIO("values that contradict each other are refused") {
  CHECK(contains(refusal({"--cluster-lease=1s", "--cluster-renewal=1s"}), "cluster-renewal"));
  CHECK(contains(refusal({"--order-retry-first=10s"}), "order-retry-first"));
  CHECK(contains(refusal({"--journals=2"}), "journals"));
}

SCENARIO("events are kept for ever unless a time is given, and an archive needs one") {
  CHECK(!loaded({}).retention.enabled());
  CHECK(!loaded({"--event-retention=off"}).retention.enabled());
  const auto config = loaded({"--event-retention=90d", "--event-archive=/srv/events"});
  CHECK(config.retention.keep == std::chrono::hours{90 * 24});
  CHECK_EQ(config.retention.archive, "/srv/events");
  CHECK(config.retention.interval() == std::chrono::hours{1});
  CHECK(contains(refusal({"--event-archive=/srv/events"}), "event-archive"));
  for (const std::string word : {"0s", "500ms", "never", "-1d"})
    CHECK(contains(refusal({"--event-retention=" + word}), "event-retention"));
}

SCENARIO("a duration is read and written with its unit") {
  for (const auto* text : {"250ms", "4s", "2m", "1h", "0s", "90m", "36h", "90d"})
    CHECK_EQ(duration_text(*parse_duration(text)), text);
  for (const auto* text : {"", "4", "s", "-1s", "1.5s", "4 s", "4w", "9999999999999999h", "9999999d"})
    CHECK(!parse_duration(text));
}

SCENARIO("rates, proxies and addresses for operators are read, and shown as they were written") {
  const auto outcome =
    load_config({{"--http-rate-reads=100/10s", "--http-rate-auth=off", "--ops=127.0.0.1:4090",
                  "--trusted-proxies=10.0.0.0/8,fd00::/8", "--forwarded-header=forwarded", "--http-hsts-max-age=1h"},
                 {}});
  REQUIRE(outcome.has_value());
  const auto& config = outcome->config;
  CHECK_EQ(config.gateway.rates.reads.quota, 100u);
  CHECK(config.gateway.rates.reads.window == std::chrono::seconds{10});
  CHECK_EQ(config.gateway.rates.auth.quota, 0u);
  CHECK_EQ(config.gateway.trusted_proxies.size(), 2u);
  CHECK(config.gateway.hsts_max_age == std::chrono::hours{1});
  const auto text = dump(*outcome);
  for (const auto* line :
       {"http-rate-reads = 100/10s", "http-rate-writes = 6000/1m", "http-rate-auth = off", "ops = 127.0.0.1:4090",
        "trusted-proxies = 10.0.0.0/8,fd00::/8", "forwarded-header = forwarded", "http-hsts-max-age = 1h"})
    CHECK(contains(text, line));
}

SCENARIO("contradicting rates, proxies and addresses are refused") {
  for (const auto* rate : {"", "0/1m", "10", "10/", "/1m", "10/1ms", "10/25h", "-1/1m", "many/1m"})
    CHECK(contains(refusal({"--http-rate-writes=" + std::string{rate}}), "http-rate-writes"));
  CHECK(contains(refusal({"--trusted-proxies=10.0.0.0/40"}), "trusted-proxies"));
  CHECK(contains(refusal({"--trusted-proxies=proxy.internal"}), "trusted-proxies"));
  CHECK(contains(refusal({"--ops=0.0.0.0:4090"}), "ops-public"));
  CHECK_EQ(refusal({"--ops=0.0.0.0:4090", "--ops-public=on"}), "");
  CHECK(contains(refusal({"--ops=127.0.0.1:4000"}), "ops: it is the same address"));
  CHECK(contains(refusal({"--http-redirect=127.0.0.1:80"}), "http-redirect: there is no HTTPS"));
  CHECK(contains(refusal({"--http-tls-key=/etc/site.key"}), "http-tls-certificate: missing"));
}

SCENARIO("the passphrase of the key for HTTPS may come from a file, and is never shown") {
  const temporary_file file{"open sesame\n"};
  const auto outcome = load_config(
    {{"--http-tls-certificate=a", "--http-tls-key=b"}, {{"WAYBILL_HTTP_TLS_PASSPHRASE_FILE", file.path()}}});
  REQUIRE(outcome.has_value());
  CHECK_EQ(outcome->config.http_tls.passphrase, "open sesame");
  CHECK(!contains(dump(*outcome), "sesame"));
  CHECK(contains(dump(*outcome), "http-tls-passphrase = ***"));
}

SCENARIO("an unknown option of any name is refused without showing its value") {
  const temporary_file file{"%original_token% = 1\n"};
  const temporary_file no_line{"%invalid_line%\n"};
  for (const auto& outcome :
       {refusal({"--%original_token%=1"}), refusal({"--%canonical_option%"}), refusal({"--config=" + file.path()}),
        refusal({"--config=" + no_line.path()}), refusal({"--x", "--%value%"}), refusal({"-%prefix%"})})
    CHECK(!outcome.empty());
  CHECK(!contains(refusal({"--nonsense=hunter2"}), "hunter2"));
}

SCENARIO("a payment provider over HTTP needs a valid URL, and a URL needs payment-provider=http") {
  const words http{"--payment-provider=http"};
  CHECK(contains(refusal(http), "payment-url"));
  CHECK(contains(refusal({"--payment-url=https://psp.example"}), "payment-provider=http"));
  const auto with = [&](const std::string& url) { return words{"--payment-provider=http", "--payment-url=" + url}; };
  CHECK_EQ(refusal(with("https://psp.example/base")), "");
  CHECK_EQ(refusal(with("http://127.0.0.1:4200")), "");
  CHECK_EQ(loaded(with("https://psp.example/base")).http_provider.url, "https://psp.example/base");
  for (const auto* bad :
       {"psp.example", "ftp://psp.example", "https://user:hunter2@psp.example", "https://psp.example/?a=b"})
    CHECK(contains(refusal(with(bad)), "payment-url"));
  CHECK(!contains(refusal(with("https://user:hunter2@psp.example")), "hunter2"));
}

SCENARIO("payments and secrets leave the machine in plain HTTP only with insecure=on") {
  const words plain{"--payment-provider=http", "--payment-url=http://psp.example"};
  CHECK(contains(refusal(plain), "payment-url"));
  auto insisting = plain;
  insisting.emplace_back("--insecure=on");
  CHECK_EQ(refusal(insisting), "");
}

SCENARIO("secrets of payments are checked, read from files, and never shown") {
  CHECK(contains(refusal({"--payment-callback-secret=hunter2"}), "payment-callback-secret"));
  CHECK(!contains(refusal({"--payment-callback-secret=hunter2"}), "hunter2"));
  const temporary_file file{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n"};
  const auto config = load_config({{"--payment-callback-secret-file=" + file.path(), "--payment-secret=hunter2"}, {}});
  CAF_REQUIRE(config.has_value());
  CHECK_EQ(config->config.gateway.payment_callback_secrets, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  CHECK_EQ(config->config.http_provider.secret, "hunter2");
  CHECK(!contains(dump(*config), "hunter2"));
  CHECK(!contains(dump(*config), "MfKQ"));
}
