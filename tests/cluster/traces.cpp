#include "domain/json/codec.hpp"
#include "messages/provider_protocol.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/role_cluster.hpp"
#include "tests/support/span_collector.hpp"

#include <algorithm>
#include <atomic>
#include <latch>
#include <mutex>
#include <optional>
#include <set>

#define CAF_SUITE cluster.traces
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

constexpr std::string_view trace = "0af7651916cd43dd8448eb211c80319c";
constexpr std::string_view client = "b7ad6b7169203331";

std::string given() {
  return "00-" + std::string{trace} + '-' + std::string{client} + "-01";
}

/// A payment provider that approves everything, and keeps the traceparents that it gets. It delays its first answer
/// until `go_on`, so that a node can be killed during the request.
class bank {
public:
  bank() : server_{[this](const testing::scripted_request& request) { return take(request); }} {}
  ~bank() { go_on(); }

  [[nodiscard]] std::string url() const { return server_.url(); }
  [[nodiscard]] bool is_asked() const { return server_.requests() > 0; }
  void go_on() {
    if (!released_.exchange(true))
      held_.count_down();
  }
  [[nodiscard]] std::vector<std::string> traceparents() {
    const std::lock_guard guard{mutex_};
    return traceparents_;
  }

private:
  testing::scripted_answer take(const testing::scripted_request& request) {
    {
      const std::lock_guard guard{mutex_};
      traceparents_.push_back(request.headers["traceparent"]);
    }
    held_.wait();
    const auto wanted = decode<provider_protocol::operation_request>(request.body);
    testing::scripted_answer answer;
    if (!wanted) {
      answer.status = 404;
      return answer;
    }
    answer.body = encode(provider_protocol::operation{request.idempotency_key,
                                                      wanted->operation,
                                                      wanted->payment,
                                                      wanted->amount,
                                                      provider_protocol::status::approved,
                                                      "ref-1",
                                                      {}});
    return answer;
  }

  std::mutex mutex_;
  std::vector<std::string> traceparents_;
  std::latch held_{1};
  std::atomic<bool> released_ = false;
  testing::scripted_server server_;
};

/// Takes webhooks, and keeps the traceparents.
class receiver {
public:
  receiver()
    : server_{[this](const testing::scripted_request& request) {
        const std::lock_guard guard{mutex_};
        traceparents_.push_back(request.headers["traceparent"]);
        types_.insert(text_at(request.body, "/type"));
        return testing::scripted_answer{};
      }} {}

  [[nodiscard]] std::string url() const { return server_.url() + "/hook"; }
  [[nodiscard]] bool has(const std::string& type) {
    const std::lock_guard guard{mutex_};
    return types_.contains(type);
  }
  [[nodiscard]] std::vector<std::string> traceparents() {
    const std::lock_guard guard{mutex_};
    return traceparents_;
  }

private:
  std::mutex mutex_;
  std::vector<std::string> traceparents_;
  std::set<std::string> types_;
  testing::scripted_server server_;
};

outbound::http_result post(const std::string& url, const std::string& target, const std::string& body,
                           const outbound::header_list& headers = {}) {
  return call(url, {"POST", target, headers, body, milliseconds{30'000}});
}

/// The body of an order that a courier delivers at the first offer.
std::string order_body(const std::string& url) {
  return mixed_wishes(2, stock_products(url))[1].body;
}

std::vector<collected_span> named(const std::vector<collected_span>& spans, const std::string& name) {
  auto matching = spans;
  std::erase_if(matching, [&](const collected_span& span) { return span.name != name; });
  return matching;
}

bool is_completed(const std::string& url, const std::string& order) {
  const auto answer = get(url, "/v1/orders/" + order);
  return answer && text_at(answer->body, "/status") == "completed";
}

constexpr const char* steps[] = {"reserve_stock",  "authorize_payment", "request_delivery",
                                 "await_delivery", "capture_payment",   "commit_stock"};

/// The spans that a completed order must have; those of notifications and webhooks come a little later.
constexpr const char* wanted_spans[] = {"POST /v1/orders",
                                        "order.placed",
                                        "order.stock_reserved",
                                        "order.payment_authorized",
                                        "order.fulfillment_started",
                                        "order.delivered",
                                        "order.payment_captured",
                                        "stock.reserved",
                                        "stock.committed",
                                        "payment.intent_recorded",
                                        "payment.authorized",
                                        "payment.captured",
                                        "delivery.requested",
                                        "delivery.completed",
                                        "notification.sent",
                                        "POST /v1/operations",
                                        "POST"};

std::string missing(const std::vector<collected_span>& spans) {
  std::string text;
  for (const auto* name : wanted_spans)
    if (named(spans, name).empty())
      text += std::string{name} + '\n';
  for (const auto* name : steps)
    if (named(spans, name).empty())
      text += std::string{name} + '\n';
  return text;
}

/// Whether each of `traceparents` is one of `spans`. A call whose node was killed meanwhile has no span: `lost` of
/// them.
std::string strangers(const std::vector<std::string>& traceparents, const std::vector<collected_span>& spans,
                      std::size_t lost = 0) {
  std::string text;
  std::size_t unknown = 0;
  for (const auto& traceparent : traceparents) {
    const bool is_ours = std::any_of(spans.begin(), spans.end(), [&](const collected_span& span) {
      return span.kind == 3 && traceparent == "00-" + span.trace + '-' + span.id + "-01";
    });
    if (is_ours)
      continue;
    ++unknown;
    text += traceparent + '\n';
  }
  return unknown > lost || traceparents.empty() ? text + "of " + std::to_string(traceparents.size()) : "";
}

void check_steps(const std::vector<collected_span>& spans) {
  const auto placed = named(spans, "order.placed").at(0);
  for (const auto* name : steps) {
    const auto step = named(spans, name).at(0);
    CAF_CHECK_EQUAL(step.parent, placed.id);
    CAF_REQUIRE_EQUAL(step.events.size(), 1u);
    const auto& commit = step.events[0];
    CAF_CHECK_EQUAL(commit.name, "commit");
    CAF_CHECK_EQUAL(commit.attributes.at("db.system.name"), "postgresql");
    CAF_CHECK(std::stoi(commit.attributes.at("waybill.commit.events")) > 0);
    CAF_CHECK(commit.attributes.at("waybill.stream").starts_with("ord_"));
  }
  // Spans of another node for a step are children of that step.
  const auto parent_of = [&](const std::string& name) {
    const auto child = named(spans, name).at(0);
    const auto parent =
      std::find_if(spans.begin(), spans.end(), [&](const collected_span& span) { return span.id == child.parent; });
    return parent == spans.end() ? std::string{} : parent->name;
  };
  CAF_CHECK_EQUAL(parent_of("stock.reserved"), "reserve_stock");
  CAF_CHECK_EQUAL(parent_of("stock.committed"), "commit_stock");
  CAF_CHECK_EQUAL(parent_of("payment.authorized"), "authorize_payment");
  CAF_CHECK_EQUAL(parent_of("delivery.requested"), "request_delivery");
  CAF_CHECK_EQUAL(parent_of("order.placed"), "POST /v1/orders");
}

/// Traces one order over six nodes. `victim` is killed while the provider is asked to authorise, and started again.
void trace_order(const std::string& victim) {
  span_collector collector;
  bank theirs;
  receiver hook;
  role_cluster shop{
    with_options(with_options(quick_settings(), reliable_couriers()),
                 {"--trace-endpoint=" + collector.url(), "--trace-ratio=0", "--payment-provider=http",
                  "--payment-url=" + theirs.url(), "--payment-provider-timeout=30s", "--webhook-targets=any"})};
  const auto endpoint =
    post(shop.url(), "/v1/webhook-endpoints", R"({"url":")" + hook.url() + R"(","types":["order.*"]})");
  CAF_REQUIRE_EQUAL(endpoint.value().status, 201u);
  const auto placed = post(shop.url(), "/v1/orders", order_body(shop.url()), {{"traceparent", given()}});
  CAF_REQUIRE_EQUAL(placed.value().status, 201u);
  CAF_CHECK_EQUAL(placed->header("traceparent"), given());
  const auto order = text_at(placed->body, "/id");

  CAF_REQUIRE(eventually([&] { return theirs.is_asked(); }));
  shop.node(victim).kill();
  theirs.go_on();
  shop.restart(victim);

  CAF_REQUIRE(eventually([&] { return is_completed(shop.url(), order) && hook.has("order.completed"); }));
  const std::string id{trace};
  CAF_CHECK(eventually([&] { return missing(collector.spans(id)).empty(); }));
  for (const auto& [name, code] : shop.stop())
    CAF_CHECK_EQUAL(code, std::optional<int>{0});

  const auto spans = collector.spans(id);
  CAF_MESSAGE(drawing_of(spans));
  CAF_CHECK_EQUAL(missing(spans), "");
  CAF_CHECK_EQUAL(faults_of_tree(spans, std::string{client}), "");
  CAF_CHECK_EQUAL(collector.complaints(), "");
  check_steps(spans);
  std::set<std::string> nodes;
  for (const auto& span : spans)
    nodes.insert(span.resource.at("service.instance.id"));
  CAF_CHECK_EQUAL(nodes.size(), 6u);
  CAF_CHECK_EQUAL(strangers(theirs.traceparents(), spans, victim == "payment" ? 1 : 0), "");
  CAF_CHECK_EQUAL(strangers(hook.traceparents(), spans), "");
  // Nobody else asked for a trace.
  CAF_CHECK_EQUAL(collector.spans().size(), spans.size());
}

} // namespace

SCENARIO("one order over six nodes is one tree of spans, though the order's node is killed in the middle") {
  trace_order("order");
}

SCENARIO("one order over six nodes is one tree of spans, though the payment's node is killed in the middle") {
  trace_order("payment");
}

SCENARIO("a trace that begins at the gateway is sampled by the ratio, and its root is the request") {
  const temp_folder folder;
  span_collector collector;
  const auto settings =
    with_options(with_options(quick_settings(), reliable_couriers()),
                 {"--store=sqlite:" + (folder / "shop.db"), "--trace-endpoint=" + collector.url(), "--trace-ratio=1"});
  node_process node{folder.path().string(), "embedded", settings};
  node.await_ready();
  const auto placed = post(node.url(), "/v1/orders", order_body(node.url()));
  CAF_REQUIRE_EQUAL(placed.value().status, 201u);
  const auto traceparent = std::string{placed->header("traceparent")};
  const auto order = text_at(placed->body, "/id");
  // A request that asks for no trace gets none.
  const auto quiet = given().substr(0, 53) + "00";
  CAF_CHECK_EQUAL(post(node.url(), "/v1/orders", order_body(node.url()), {{"traceparent", quiet}}).value().status,
                  201u);
  CAF_REQUIRE(eventually([&] { return is_completed(node.url(), order); }));
  CAF_CHECK_EQUAL(node.stop(), std::optional<int>{0});
  const auto spans = collector.spans(traceparent.substr(3, 32));
  CAF_CHECK_EQUAL(faults_of_tree(spans, ""), "");
  const auto root = named(spans, "POST /v1/orders");
  CAF_REQUIRE_EQUAL(root.size(), 1u);
  CAF_CHECK_EQUAL(root[0].id, traceparent.substr(36, 16));
  CAF_CHECK_EQUAL(root[0].kind, 2u);
  CAF_CHECK_EQUAL(root[0].attributes.at("http.response.status_code"), "201");
  CAF_CHECK_EQUAL(root[0].attributes.at("http.route"), "/v1/orders");
  CAF_CHECK_EQUAL(root[0].attributes.at("server.address"), "127.0.0.1");
  for (const auto* name : steps)
    CAF_CHECK_EQUAL(named(spans, name).size(), 1u);
  CAF_CHECK(collector.spans(std::string{trace}).empty());
  // Probes are not traced.
  for (const auto& span : collector.spans())
    CAF_CHECK(span.name.find("/readyz") == std::string::npos);
}
