#pragma once

#include "domain/base/result.hpp"
#include "gateway/gateway.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <boost/json/value.hpp>

#include <atomic>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A gateway on a free port before scripted actors, and a client that sees every octet.
namespace waybill::test {

struct answer {
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  /// Empty when there is none; names in any case.
  [[nodiscard]] std::string header(std::string_view name) const;
  [[nodiscard]] boost::json::value json() const;
  /// The text of a member of the body.
  [[nodiscard]] std::string text(std::string_view member) const;
};

using header_list = std::vector<std::pair<std::string, std::string>>;

/// One connection; every wait has a limit of a minute.
class connection {
public:
  explicit connection(std::uint16_t port);
  ~connection();

  void write(std::string_view octets);
  /// Ends this half of the connection.
  void end_writing();
  /// Reads one response; `bodiless` for answers to HEAD.
  answer read(bool bodiless = false);
  /// Reads on until `text` has come and gives everything so far.
  std::string read_until(std::string_view text);
  /// Reads on until the server ends the connection and gives everything that came.
  std::string read_to_end();
  /// Whether the server has ended the connection; waits for it.
  bool ended();

  answer send(std::string_view method, std::string_view target, std::string_view body = {},
              const header_list& headers = {});

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// A WebSocket client.
class web_socket {
public:
  web_socket(std::uint16_t port, const header_list& headers = {}, int receive_buffer = 0);
  ~web_socket();

  void send(std::string_view text);
  /// The next frame; an empty object once the server has closed.
  boost::json::value read();
  /// Reads until the server closes and gives its code.
  unsigned read_close_code();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// The state of the scripted actors; tests change it before they send requests.
struct world {
  std::mutex mutex;
  std::map<std::string, order::state> orders;
  std::map<std::string, product_view> products;
  /// The prices of all requested changes of products.
  std::vector<money> changed_prices;
  /// By id: how much was adjusted, and the answer.
  std::map<std::string, std::pair<std::int64_t, product_view>> adjustments;
  std::map<std::string, user_view> users;
  /// While set, no account can be read.
  ec account_failure{};
  int passwords_tried = 0;
  std::vector<std::string> reset_codes;
  /// Of refreshes, by the hash of the token that was shown.
  std::map<std::string, std::string> nonces;
  /// By the hash of the token.
  std::map<std::string, service_key_row> keys;
  /// The roles of accounts and keys as they are now, by id; nothing: disabled or revoked.
  std::map<std::string, std::optional<std::string>> accounts;
  std::atomic<int> caller_lookups = 0;
  /// While set, keys cannot be looked up.
  std::atomic<bool> no_key_lookups = false;
  /// Requests that the reader and the feed were told to abandon.
  std::atomic<int> abandoned = 0;
  /// While set, the feed finds nothing, and says so at no time.
  std::atomic<bool> silent_feed = false;
  /// Requests that the feed has not answered.
  std::atomic<std::size_t> open_reads = 0;
  std::vector<stored_event> log;
  /// Events up to this number of the log were removed.
  std::uint64_t removed = 0;
  /// Readers of the log may pass only this many events.
  std::uint64_t settled = std::numeric_limits<std::uint64_t>::max();
  /// Of orders in memory.
  std::map<std::string, order_progress> progress;
  /// The list of retrying orders, and the requests for it.
  retrying_list retrying;
  std::vector<list_retrying> retrying_lists;
  std::vector<start_bulk_action> bulk_starts;
  std::map<std::string, bulk::state> bulk_actions;
  std::vector<cancel_order> cancels;
  std::vector<retry_order> retries;
  std::vector<resolve_order> resolutions;
  std::vector<refund_order> refunds;
  std::vector<pay_order> payments_of_orders;
  std::vector<change_order> changes;
  std::map<std::string, payment::state> payments;
  std::map<std::string, delivery::state> deliveries;
  std::vector<list_orders> order_lists;
  std::vector<list_notifications> notification_lists;
  std::vector<push_notification> pushes;
  /// By intent.
  std::map<std::string, notification_row> pushed;
  std::vector<list_couriers> courier_lists;
  std::vector<list_deliveries> delivery_lists;
  std::vector<list_webhooks> webhook_lists;
  webhook_page webhooks;
  std::vector<list_webhook_deliveries> webhook_delivery_lists;
  webhook_delivery_page webhook_deliveries;
  std::vector<list_sinks> sink_lists;
  sink_page sinks;
  std::vector<list_functions> function_lists;
  function_page functions;
  state_page page;
  /// While set, commands to orders are answered with it.
  ec order_failure{};
  /// While set, other lines are refused with it.
  ec change_failure{};
  /// How many requests of orders fail with it before it ends.
  int failures_left = 0;
  /// While set, get_order is never answered.
  bool silent_orders = false;
  /// While set, await_order is answered at its deadline with the order as it is.
  bool unsettled_orders = false;
  std::atomic<int> asked_orders = 0;
  /// What the node API answers (scripted::spawn_node_api).
  node_list nodes;
  node_reports reports;
  audit_report audit;
  std::vector<std::string> drained;
  /// Who asked for the last one.
  std::string drained_by;
  /// While set, nodes refuse to be drained.
  ec drain_failure{};
};

struct fixture {
  explicit fixture(std::function<void(gateway_config&)> change = {},
                   std::function<void(gateway_services&)> change_services = {});
  ~fixture();

  product_id add_product(std::string currency = "EUR", std::int64_t amount = 500);
  void log_event(std::string type, std::string order = {});
  /// Removes the first `count` events of the log; a reader that waits after one of them gets an error.
  void remove_events(std::uint64_t count);
  std::uint16_t port() const { return server->port(); }
  answer send(std::string_view method, std::string_view target, std::string_view body = {},
              const header_list& headers = {});

  caf::actor_system_config config;
  caf::actor_system sys;
  std::shared_ptr<world> state;
  gateway_services services;
  std::unique_ptr<gateway> server;

private:
  std::vector<caf::actor> actors_;
};

/// A correct body of POST /v1/orders.
std::string order_body(const product_id& product, int quantity = 2, std::string_view token = "tok_ok");

/// An order of that customer as it is after its placing, with all that a view shows.
order::state placed_order(const std::string& id, const std::string& customer = "cus_00000000000000000001");

/// The logged data of an event of that type: order.placed, order.confirmed, order.completed or stock.low.
std::string event_data(std::string_view type, const std::string& order, const std::string& note = {});

log_position position(std::uint64_t n);

} // namespace waybill::test
