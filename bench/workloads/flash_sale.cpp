#include "bench/workloads/flash_sale.hpp"

#include "domain/base/errors.hpp"
#include "transport/node_client.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace waybill::bench {

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

/// How long a reservation holds, and how long a buyer waits for the answer.
constexpr milliseconds held_for = 5min;
constexpr milliseconds answer_within = 30s;
/// A buyer gives up after so many errors in a row.
constexpr int max_tries = 5;

double seconds_since(steady::time_point begin) {
  return std::chrono::duration<double>(steady::now() - begin).count();
}

/// What all buyers of a sale share.
struct counter {
  product_actor stock;
  product_id product;
  unsigned buyers = 0;
  sale_result result;
  /// The orders that reserved a unit.
  std::vector<order_id> sold;
};

/// All buyers, as one actor that keeps a request of each under way. Ends when all of them have finished.
class crowd : public caf::event_based_actor {
public:
  crowd(caf::actor_config& cfg, counter& sale) : event_based_actor(cfg), sale_(sale), left_(sale.buyers) {}

protected:
  caf::behavior make_behavior() override {
    for (unsigned i = 0; i < sale_.buyers; ++i)
      next();
    return {};
  }

  /// What a buyer does once it is free.
  virtual void next() = 0;

  template <class Command, class Then>
  void ask(Command command, Then then, int tries = max_tries) {
    request(sale_.stock, answer_within, command).then(then, [this, command, then, tries](const caf::error& reason) {
      const auto known = to_failure(reason);
      ++sale_.result.errors[known.detail.empty() ? to_string(reason) : known.detail];
      // Under the same id: if only the answer was lost, the command is not carried out twice.
      if (tries > 1)
        ask(command, then, tries - 1);
      else
        finish();
    });
  }

  void finish() {
    if (--left_ == 0)
      quit();
  }

  counter& sale() noexcept { return sale_; }

private:
  counter& sale_;
  unsigned left_;
};

/// Each reserves one unit after the other until there is none.
class buyers : public crowd {
public:
  using crowd::crowd;

private:
  void next() override {
    reserve_stock command;
    command.product = sale().product;
    command.order = make_id<order_id>();
    command.quantity = 1;
    command.reserve_by = waybill::now() + held_for;
    command.origin.correlation_id = command.order.value;
    command.origin.by_id = "bench";
    ask(command, [this, order = command.order, asked = steady::now()](const stock_answer& answer) {
      if (answer.reserved)
        got(order, asked);
      else
        refused();
    });
  }

  void got(const order_id& order, steady::time_point asked) {
    auto& seen = sale().result;
    ++seen.reserved;
    seen.seconds = seconds_since(begin_);
    const auto taken = std::chrono::duration_cast<std::chrono::microseconds>(steady::now() - asked);
    seen.time.add(static_cast<std::uint64_t>(taken.count()));
    sale().sold.push_back(order);
    next();
  }

  void refused() {
    ++sale().result.refused;
    finish();
  }

  steady::time_point begin_ = steady::now();
};

/// Each releases one reservation after the other.
class returners : public crowd {
public:
  using crowd::crowd;

private:
  void next() override {
    if (sale().sold.empty())
      return finish();
    release_stock command;
    command.product = sale().product;
    command.order = std::move(sale().sold.back());
    command.reserve_by = waybill::now() + held_for;
    command.origin.correlation_id = command.order.value;
    command.origin.by_id = "bench";
    sale().sold.pop_back();
    ask(std::move(command), [this](const stock_answer&) { next(); });
  }
};

result<product_actor> stock_of(const node_welcome& node) {
  const auto inventory = std::ranges::find(node.regions, role::inventory, &role_region::role);
  if (inventory == node.regions.end() || !inventory->region)
    return failure{ec::invalid_argument,
                   "the node " + node.node + " has no stock: connect to one with the role inventory"};
  return caf::actor_cast<product_actor>(inventory->region);
}

create_product new_product(const sale_options& options) {
  product::create command;
  command.product = make_id<product_id>();
  command.sku = "flash-sale-" + make_id_suffix();
  command.name = "Flash sale";
  command.price = {1299, "EUR"};
  command.on_hand = options.units;
  provenance origin;
  origin.by_id = "bench";
  return {std::move(command), std::move(origin)};
}

} // namespace

result<sale_result> run_flash_sale(const sale_options& options, std::shared_ptr<ssl_ctx_st> tls) {
  node_client node{std::move(tls)};
  const auto welcome = node.connect(options.node.host, options.node.port);
  if (welcome.has_error())
    return welcome.error();
  const auto stock = stock_of(*welcome);
  if (stock.has_error())
    return stock.error();
  const auto product = node.ask<product_view>(*stock, new_product(options));
  if (product.has_error())
    return product.error();
  counter sale{*stock, product->id, options.buyers, {}, {}};
  sale.sold.reserve(static_cast<std::size_t>(options.units));
  caf::scoped_actor waiting{node.system()};
  waiting->wait_for(node.system().spawn<buyers>(sale));
  const auto after = node.ask<product_view>(*stock, get_product{product->id});
  if (after.has_error())
    return after.error();
  sale.result.on_hand_at_end = after->on_hand;
  sale.result.reserved_at_end = after->reserved;
  waiting->wait_for(node.system().spawn<returners>(sale));
  const auto withdrawn = node.ask<product_view>(*stock, withdraw_product{product->id, 0, {}});
  if (withdrawn.has_error())
    return withdrawn.error();
  return sale.result;
}

} // namespace waybill::bench
