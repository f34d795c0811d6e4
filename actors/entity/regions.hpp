#pragma once

#include "actors/accounts/password_hasher.hpp"
#include "domain/delivery.hpp"
#include "domain/order/order.hpp"
#include "domain/product.hpp"
#include "domain/user.hpp"
#include "messages/actors.hpp"

#include <caf/fwd.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace waybill {

class order_cache;

/// Until when this node may serve, by the machine's monotonic clock: renewed by whoever keeps the node's lease, asked
/// by the regions before each command, because a process that was stopped wakes up in the middle of its work.
/// Thread-safe.
class serving_lease {
public:
  using clock = std::chrono::steady_clock;

  [[nodiscard]] bool holds() const noexcept { return clock::now().time_since_epoch().count() < until_.load(); }
  void extend(clock::time_point until) noexcept { until_ = until.time_since_epoch().count(); }
  void end() noexcept { until_ = std::numeric_limits<clock::rep>::min(); }

private:
  std::atomic<clock::rep> until_ = std::numeric_limits<clock::rep>::min();
};

/// What every entity needs.
struct entity_services {
  std::string node;
  /// A stream always goes to the same one.
  std::vector<journal_actor> journals;
  reader_actor reader;
  /// The time of day; tests bring their own.
  std::function<timestamp()> clock = waybill::now;
  /// None: the node is alone and needs no lease.
  std::shared_ptr<const serving_lease> lease = nullptr;

  [[nodiscard]] bool may_serve() const noexcept { return !lease || lease->holds(); }
};

/// How an entity repeats what was not answered.
struct retry_settings {
  milliseconds first{50};
  milliseconds longest{5'000};
  /// How long a single request to another entity may take.
  milliseconds request_timeout{2'000};
};

struct region_settings {
  /// An entity that was not asked anything for so long leaves the memory.
  milliseconds idle_timeout{30'000};
  /// The same for one whose life is over.
  milliseconds linger{1'000};
  /// Commands that wait for one entity; more are refused with ec::overloaded.
  std::uint32_t max_waiting = 100'000;
  /// How long a command for an entity of another node looks for an owner that takes it.
  milliseconds patience{5'000};
  /// How often a region looks for unfinished entities that nobody has told it of.
  milliseconds sweep{30'000};
  /// Entities in memory; a command that would create another one is refused with ec::overloaded.
  std::uint32_t max_active = std::numeric_limits<std::uint32_t>::max();
};

struct order_settings {
  order::deadlines limits;
  retry_settings retry;
  /// Only orders are limited: what belongs to an order that was accepted must find room.
  region_settings region{.max_active = 50'000};
  /// How often an order asks for its delivery when it hears nothing.
  milliseconds delivery_poll{2'000};
};

struct product_settings {
  product::settings stock;
  region_settings region;
};

struct payment_settings {
  /// After so long without an answer of the provider the outcome is unknown and is asked for.
  milliseconds provider_timeout{2'000};
  retry_settings retry;
  /// After so many look-ups that find nothing the key is closed at the provider and the operation counts as declined.
  std::uint32_t lookups_until_closed = 3;
  region_settings region;
};

struct delivery_settings {
  delivery::settings job;
  retry_settings retry;
  region_settings region;
  /// Couriers are entities who decide themselves whether they have a place; otherwise the pool has seen to that.
  bool real_couriers = false;
  /// Each change goes into the list of deliveries. What that costs is too much for simulated couriers at full speed.
  bool listed = false;
};

struct courier_entity_settings {
  /// How often a courier asks whether their deliveries are still theirs, should nobody tell.
  milliseconds check_interval{30'000};
  milliseconds request_timeout{2'000};
  region_settings region;
};

struct account_settings {
  user::settings sessions;
  hashing_settings hashing;
  region_settings region{.max_active = 50'000};
};

/// The region of one kind on this node; it needs `region_handles`, then a `placement`, before it serves. It owns the
/// entities of its shards, or none if the node does not have the role: then it only forwards. Ends with send_exit.
/// Orders that are read are put up on `board`; null: nowhere.
order_region_actor spawn_order_region(caf::actor_system& sys, const entity_services& services,
                                      const order_settings& settings,
                                      const std::shared_ptr<order_cache>& board = nullptr);
product_region_actor spawn_product_region(caf::actor_system& sys, const entity_services& services,
                                          const product_settings& settings);
payment_region_actor spawn_payment_region(caf::actor_system& sys, const entity_services& services,
                                          const payment_settings& settings, const payment_provider_actor& provider);
delivery_region_actor spawn_delivery_region(caf::actor_system& sys, const entity_services& services,
                                            const delivery_settings& settings, const courier_pool_actor& couriers);
/// `pool` hears of couriers who have time again; may be null.
courier_region_actor spawn_courier_region(caf::actor_system& sys, const entity_services& services,
                                          const courier_entity_settings& settings, const courier_pool_actor& pool);
user_region_actor spawn_user_region(caf::actor_system& sys, const entity_services& services,
                                    const account_settings& settings, const password_hasher_actor& hasher);

} // namespace waybill
