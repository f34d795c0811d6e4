#include "domain/webhook/delivery.hpp"
#include "domain/webhook/signature.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/role_cluster.hpp"
#include "tests/support/scripted_server.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <set>

#define CAF_SUITE cluster.webhooks
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

constexpr std::size_t many = 60;

/// A receiver of webhooks: verifies each message, refuses the first attempt of every fifth, breaks the connection of
/// every eleventh, and is always slow.
class receiver {
public:
  receiver() : server_{[this](const testing::scripted_request& request) { return take(request); }} {}

  [[nodiscard]] std::string url() const { return server_.url() + "/hook"; }
  void trust(const std::string& secret) {
    const std::lock_guard guard{mutex_};
    secret_ = secret;
  }
  [[nodiscard]] std::set<std::string> accepted() {
    const std::lock_guard guard{mutex_};
    return accepted_;
  }
  [[nodiscard]] std::string complaints() {
    const std::lock_guard guard{mutex_};
    return complaints_;
  }

private:
  testing::scripted_answer take(const testing::scripted_request& request) {
    std::this_thread::sleep_for(std::chrono::milliseconds{3});
    const std::lock_guard guard{mutex_};
    const auto id = std::string{request.headers["webhook-id"]};
    const auto at = std::string{request.headers["webhook-timestamp"]};
    const auto signatures = std::string{request.headers["webhook-signature"]};
    const auto keys = webhook_signature::read_keys(secret_);
    if (!keys
        || webhook_signature::verify(*keys, {id, at, signatures}, request.body, now(), std::chrono::minutes{5})
             != webhook_signature::verdict::good)
      complaints_ += "not signed: " + id + '\n';
    if (const auto event = text_at(request.body, "/data/id"); webhook::message_of(event).value != id)
      complaints_ += "another id than that of its event: " + id + " for " + event + '\n';
    ++requests_;
    testing::scripted_answer answer;
    if (requests_ % 11 == 0) {
      answer.hang_up = true;
    } else if (requests_ % 5 == 0 && !accepted_.contains(id)) {
      answer.status = 500;
    } else {
      accepted_.insert(id);
    }
    return answer;
  }

  std::mutex mutex_;
  std::string secret_;
  std::set<std::string> accepted_;
  std::string complaints_;
  int requests_ = 0;
  testing::scripted_server server_;
};

std::vector<std::string> settings() {
  auto all = quick_settings();
  all.insert(all.end(), {"--webhook-targets=any",
                         "--webhook-retry-schedule=100ms,200ms,400ms,800ms,1s,1s,2s,2s,5s,5s,10s,10s,20s,20s"});
  return all;
}

outbound::http_result post(const std::string& url, const std::string& target, const std::string& body) {
  outbound::api_request request;
  request.method = "POST";
  request.target = target;
  request.body = body;
  return call(url, request);
}

/// Makes an endpoint of the receiver and returns its id.
std::string subscribe(const std::string& url, receiver& whom) {
  const auto made =
    post(url, "/v1/webhook-endpoints", R"({"url":")" + whom.url() + R"(","types":["order.*"]})").value();
  CAF_REQUIRE_EQUAL(made.status, 201u);
  whom.trust(text_at(made.body, "/secret"));
  return text_at(made.body, "/id");
}

/// The ids that the messages about the orders' events in the log have.
std::set<std::string> expected_ids(const std::string& url) {
  std::string cursor;
  std::vector<std::string> events;
  follow_log(url, cursor, events);
  std::set<std::string> ids;
  for (const auto& event : events)
    if (event.starts_with("evt_ord_"))
      ids.insert(webhook::message_of(event).value);
  return ids;
}

/// Waits until all of them were accepted; how many were not.
std::size_t missing(const std::string& url, receiver& whom) {
  const auto expected = expected_ids(url);
  CAF_CHECK(expected.size() > many);
  const auto rest = [&] {
    const auto accepted = whom.accepted();
    return static_cast<std::size_t>(
      std::count_if(expected.begin(), expected.end(), [&](const auto& id) { return !accepted.contains(id); }));
  };
  eventually([&] { return rest() == 0; }, std::chrono::seconds{120});
  return rest();
}

} // namespace

SCENARIO("G4: every event of an order arrives, signed and under its id, although the node is killed twice") {
  receiver theirs;
  const temp_folder folder;
  auto words = settings();
  words.push_back("--store=sqlite:" + (folder / "shop.db"));
  std::optional<node_process> node;
  const auto start = [&] {
    node.reset();
    node.emplace(folder.path().string(), "embedded", words);
    node->await_ready();
  };
  start();
  const auto products = stock_products(node->url());
  const auto endpoint = subscribe(node->url(), theirs);
  auto wishes = mixed_wishes(many, products);
  std::size_t seen = 0;
  for (int i = 0; i < 2; ++i) {
    rush{node->url(), wishes, std::chrono::seconds{60}}.wait();
    CAF_REQUIRE(eventually([&] { return theirs.accepted().size() > seen + 20; }));
    node->kill();
    seen = theirs.accepted().size();
    start();
    for (auto& wish : wishes)
      wish.key += "-again", wish.order.reset();
  }
  CHECK_EQ(lines_of(await_rest_untouched(node->url(), std::chrono::seconds{60})), "");
  CHECK_EQ(missing(node->url(), theirs), 0u);
  CHECK_EQ(theirs.complaints(), "");
  // All of it is in the delivery log.
  CHECK(eventually([&] {
    const auto shown = get(node->url(), "/v1/webhook-endpoints/" + endpoint);
    return shown && shown->body.find(R"("backlog":0)") != std::string::npos;
  }));
  const auto failed = get(node->url(), "/v1/webhook-endpoints/" + endpoint + "/deliveries?status=failed").value();
  CHECK_EQ(text_at(failed.body, "/items/0/message_id"), "");
  CHECK_EQ(node->log().find("whsec_"), std::string::npos);
  CHECK_EQ(node->stop(), 0);
}

namespace {

/// Ends the node that owns the endpoint in the middle of the orders; another node has the role, too.
void take_away(void (*end)(node_process&)) {
  receiver theirs;
  role_cluster shop{settings()};
  subscribe(shop.url(), theirs);
  auto wishes = mixed_wishes(many, stock_products(shop.url()));
  {
    rush orders{shop.url(), wishes, std::chrono::seconds{60}};
    CAF_REQUIRE(eventually([&] { return theirs.accepted().size() > many; }));
    // Until now the endpoint is on the first one, and leaves it at the join or at the end.
    shop.add("notification-2", "notification");
    end(shop.node("notification"));
    orders.wait();
  }
  CAF_CHECK_EQUAL(lines_of(await_rest_untouched(shop.url(), std::chrono::seconds{60})), "");
  CAF_CHECK_EQUAL(missing(shop.url(), theirs), 0u);
  CAF_CHECK_EQUAL(theirs.complaints(), "");
}

} // namespace

SCENARIO("G4: another node continues an endpoint whose node was killed") {
  take_away([](node_process& owner) { owner.kill(); });
}

SCENARIO("G4: another node continues an endpoint whose node was told to stop") {
  take_away([](node_process& owner) { CAF_CHECK_EQUAL(owner.stop(), std::optional<int>{0}); });
}

SCENARIO("a private address is refused unless it is allowed") {
  receiver theirs;
  const temp_folder folder;
  const auto port = theirs.url().substr(theirs.url().rfind(':'));
  auto words = quick_settings();
  words.push_back("--store=sqlite:" + (folder / "shop.db"));
  const auto subscription = [](const std::string& url) { return R"({"url":")" + url + R"(","types":["product.*"]})"; };
  std::string endpoint;
  {
    auto open = words;
    open.emplace_back("--webhook-targets=any");
    node_process node{folder.path().string(), "open", open};
    node.await_ready();
    const auto made = post(node.url(), "/v1/webhook-endpoints", subscription("https://localhost" + port));
    CAF_REQUIRE_EQUAL(made.value().status, 201u);
    endpoint = text_at(made->body, "/id");
    CHECK_EQ(node.stop(), 0);
  }
  node_process node{folder.path().string(), "embedded", words};
  node.await_ready();
  for (const auto& bad : {theirs.url(), "https://127.0.0.1" + port, "https://localhost" + port,
                          std::string{"https://[::1]/"}, std::string{"https://169.254.169.254/latest/meta-data/"}}) {
    const auto refused = post(node.url(), "/v1/webhook-endpoints", subscription(bad));
    CHECK_EQ(refused.value().status, 422u);
    CHECK_EQ(text_at(refused->body, "/errors/0/pointer"), "/url");
  }
  // Of any other name it is known when it is looked up; here, of one that was allowed before.
  stock_products(node.url());
  CHECK(eventually([&] {
    const auto shown = get(node.url(), "/v1/webhook-endpoints/" + endpoint);
    return shown && text_at(shown->body, "/last_error") == "the address of localhost is not one of the public internet";
  }));
  CHECK_EQ(node.stop(), 0);
}
