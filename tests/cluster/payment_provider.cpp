#include "domain/json/codec.hpp"
#include "psp/ledger.hpp"
#include "psp/server.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/role_cluster.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#define CAF_SUITE cluster.payment_provider
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

constexpr std::size_t many = 120;
const std::string secret = "s3cret";
const std::string callback_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// All that end by themselves: a capture that fails waits for an operator.
constexpr std::string_view tokens[] = {
  "tok_ok",   "tok_timeout_charged", "tok_declined",      "tok_error_charged",      "tok_slow",
  "tok_late", "tok_flaky",           "tok_reset_charged", "tok_duplicate_callback", "tok_timeout",
  "tok_ok",   "tok_late_callback",   "tok_error",         "tok_insufficient_funds"};

void pay_with(wish& wish, std::string_view token) {
  const std::string member = R"("token":")";
  const auto at = wish.body.find(member) + member.size();
  wish.body.replace(at, wish.body.find('"', at) - at, token);
}

std::vector<std::string> settings_for(const std::string& provider) {
  auto settings = quick_settings();
  settings.insert(settings.end(), {"--payment-provider=http", "--payment-url=" + provider, "--payment-secret=" + secret,
                                   "--payment-callback-secret=" + callback_secret, "--payment-breaker-open=200ms",
                                   "--payment-breaker-longest=1s"});
  return settings;
}

psp::books books_of(const std::string& provider) {
  outbound::api_request request;
  request.target = "/ledger";
  request.headers.emplace_back("Authorization", "Bearer " + secret);
  return decode<psp::books>(call(provider, request).value().body).value();
}

/// As the invariants want it.
std::map<std::string, ledger_entry> records_of(const psp::books& books) {
  std::map<std::string, ledger_entry> records;
  for (const auto& [done, calls, closed] : books.entries) {
    CAF_CHECK(done.status != provider_protocol::status::pending);
    const bool approved = done.status == provider_protocol::status::approved;
    records[done.key] = {done.operation, closed ? std::string{} : done.payment,
                         done.amount,    approved ? provider_outcome::approved : provider_outcome::declined,
                         done.reference, done.reason};
  }
  return records;
}

/// At most one charge for a payment, and each of them captured or voided.
void check_charges(const psp::books& books) {
  std::set<std::string> charged;
  for (const auto& charge : books.charges) {
    CAF_CHECK(charged.insert(charge.payment).second);
    CAF_CHECK(charge.voided || charge.captured == charge.authorized.amount);
  }
}

std::string status_of(const std::string& url, const std::string& order) {
  const auto answer = get(url, "/v1/orders/" + order);
  return answer ? text_at(answer->body, "/status") : std::string{};
}

/// `waybill psp` as a process.
class psp_process {
public:
  explicit psp_process(const std::string& folder, const std::string& listen = "127.0.0.1:0",
                       const std::vector<std::string>& more = {})
    : out_{folder + "/psp-" + std::to_string(++count_) + ".out"}, process_{command(listen, more), out_,
                                                                           folder + "/psp.err"} {
    CAF_REQUIRE(eventually([&] { return !url().empty(); }));
  }

  [[nodiscard]] std::string url() const {
    std::ifstream file{out_};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    const auto at = text.find("http://");
    return at == std::string::npos || text.back() != '\n' ? std::string{} : text.substr(at, text.size() - at - 1);
  }
  [[nodiscard]] std::string address() const { return url().substr(std::string{"http://"}.size()); }

  void kill() {
    process_.signal(9);
    process_.wait(std::chrono::seconds{60});
  }
  std::optional<int> stop() {
    process_.signal(15);
    return process_.wait(std::chrono::seconds{60});
  }

private:
  static std::vector<std::string> command(const std::string& listen, const std::vector<std::string>& more) {
    std::vector<std::string> words{waybill_binary(), "psp", "--listen=" + listen, "--secret=" + secret};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  static inline int count_ = 0;
  std::string out_;
  child_process process_;
};

struct embedded_shop {
  embedded_shop(const std::string& provider, const std::vector<std::string>& more = {}) {
    auto settings = with_options(settings_for(provider), reliable_couriers());
    settings.push_back("--store=sqlite:" + (folder / "shop.db"));
    settings.insert(settings.end(), more.begin(), more.end());
    node.emplace(folder.path().string(), "embedded", settings);
    node->await_ready();
    products = stock_products(node->url());
  }

  /// Its id.
  std::string place(std::string_view token) {
    // Every seventh order has a courier who delivers at once.
    const auto at = 7 * placed++ + 1;
    auto wishes = std::vector<wish>{mixed_wishes(at + 1, products)[at]};
    pay_with(wishes[0], token);
    rush{node->url(), wishes, std::chrono::seconds{60}}.wait();
    CAF_REQUIRE(wishes[0].order.has_value());
    return *wishes[0].order;
  }

  temp_folder folder;
  std::optional<node_process> node;
  std::vector<std::string> products;
  std::size_t placed = 0;
};

} // namespace

SCENARIO("G3, G4, G7, I7: with a provider that misbehaves in every way and a payment node that is killed, nobody is "
         "charged twice and the ledgers are equal") {
  psp::server_settings wanted{.port = 0, .secret = secret, .slow = milliseconds{150}, .late = milliseconds{500}};
  const auto bank = std::move(psp::server::start(wanted).value());
  role_cluster shop{settings_for(bank->url())};
  REQUIRE(bank->call_back(shop.url() + "/v1/payment-callbacks", callback_secret).has_value());
  auto wishes = mixed_wishes(many, stock_products(shop.url()));
  for (std::size_t i = 0; i < wishes.size(); ++i)
    pay_with(wishes[i], tokens[i % std::size(tokens)]);
  {
    rush orders{shop.url(), wishes, std::chrono::seconds{60}};
    REQUIRE(eventually([&] { return orders.accepted() >= many / 3; }));
    shop.node("payment").kill();
    shop.restart("payment");
    orders.wait();
  }
  CHECK_EQ(count_accepted(wishes), wishes.size());
  CHECK_EQ(lines_of(await_final(shop.url(), wishes, std::chrono::seconds{60})), "");
  for (const auto& [name, code] : shop.stop())
    CHECK_EQ(code, std::optional<int>{0});
  const auto books = books_of(bank->url());
  check_charges(books);
  CHECK(books.charges.size() > many / 3);
  const auto report = check_invariants(shop.store(), records_of(books));
  CHECK_EQ(report.text(), "");
  CHECK_EQ(report.orders.size(), wishes.size());
}

SCENARIO("G7: a signed callback alone decides an open outcome of an order") {
  // Nothing is asked for again within this test.
  const std::vector<std::string> patient{"--payment-retry-first=1h", "--payment-retry-longest=1h"};
  const auto bank = std::move(psp::server::start({.port = 0, .secret = secret, .late = milliseconds{300}}).value());
  embedded_shop shop{bank->url(), patient};
  REQUIRE(bank->call_back(shop.node->url() + "/v1/payment-callbacks", callback_secret).has_value());
  const auto order = shop.place("tok_late_callback");
  CHECK(eventually([&] { return status_of(shop.node->url(), order) == "completed"; }));
  CHECK_EQ(shop.node->stop(), 0);
  const auto books = books_of(bank->url());
  check_charges(books);
  const auto report = check_invariants({.url = "sqlite:" + (shop.folder / "shop.db")}, records_of(books));
  CHECK_EQ(report.text(), "");
}

SCENARIO("G7: an order is paid when its provider is available again, and a refused capture needs attention") {
  const temp_folder folder;
  std::optional<psp_process> bank;
  bank.emplace(folder.path().string());
  const auto address = bank->address();
  embedded_shop shop{bank->url()};
  bank->kill();
  const auto waiting = shop.place("tok_ok");
  CHECK(eventually([&] { return shop.node->log().find("nothing is sent to it") != std::string::npos; }));
  CHECK_EQ(status_of(shop.node->url(), waiting), "placed");
  bank.reset();
  bank.emplace(folder.path().string(), address);
  CHECK(eventually([&] { return status_of(shop.node->url(), waiting) == "completed"; }));
  CHECK(shop.node->log().find("the payment provider works again") != std::string::npos);
  const auto unpaid = shop.place("tok_capture_fails");
  CHECK(eventually([&] { return status_of(shop.node->url(), unpaid) == "needs_attention"; }));
  CHECK_EQ(shop.node->stop(), 0);
  const auto report =
    check_invariants({.url = "sqlite:" + (shop.folder / "shop.db")}, records_of(books_of(bank->url())));
  CHECK_EQ(report.text(), "");
  CHECK_EQ(bank->stop(), 0);
}

SCENARIO("waybill psp refuses unknown options") {
  CHECK_EQ(run_waybill({"psp", "--nonsense=1"}).code, 2);
  CHECK_EQ(run_waybill({"psp", "--listen=nowhere"}).code, 2);
  CHECK_EQ(run_waybill({"psp", "--listen=127.0.0.1:0", "--callback-url=http://127.0.0.1:1/x"}).code, 1);
  CHECK_EQ(run_waybill({"psp", "--help"}).code, 0);
}
