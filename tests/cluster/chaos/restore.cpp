#include "tests/cluster/chaos/restore.hpp"

#include "tests/support/http_shop.hpp"

#include <algorithm>
#include <stdexcept>

namespace waybill::chaos {

namespace {

using namespace std::chrono_literals;

constexpr milliseconds longest_wait = 60s;
/// Some of the lost orders at each gateway.
constexpr std::size_t asked_for = 10;

unsigned status_at(const std::string& gateway, const accounts& people, const std::string& target,
                   std::string* code = nullptr) {
  const auto answer = test::call(gateway, {"GET", target, people.admin(), {}});
  if (answer && code != nullptr)
    *code = test::text_at(answer->body, "/code");
  return answer ? answer->status : 0;
}

/// Repeats the request until its answer is definite, for at most `longest_wait`.
template <class Ask>
void ask_until_known(fault_driver& driver, Ask ask) {
  driver.wait_until(
    [&] {
      const auto status = ask();
      return status != 0 && status != 503;
    },
    longest_wait);
}

} // namespace

void restore_under_load(cluster_of_namespaces& cluster, fault_driver& driver, const accounts& people,
                        const followers& subscribers, const restore_steps& steps, history& into) {
  cluster.postgres().save_backup();
  const auto lost = steps.place_orders_to_lose();
  driver.wait_until(steps.all_followed, longest_wait);
  const auto position = subscribers.position();
  const auto gateways = cluster.gateways();

  restored_log noted;
  noted.at = now();
  cluster.postgres().restore_backup();
  cluster.postgres().start();
  for (const auto& gateway : gateways)
    if (!driver.wait_until([&] { return status_at(gateway, people, "/v1/orders/" + steps.kept_order) == 200; },
                           longest_wait))
      throw std::runtime_error(steps.kept_order + " cannot be read after the restore at " + gateway);
  const auto ask_for_position = [&](bool overtaken) {
    for (std::size_t i = 0; i < gateways.size(); ++i) {
      lost_position entry{i, overtaken, 0, {}};
      ask_until_known(driver, [&] {
        return entry.status = status_at(gateways[i], people, "/v1/events?limit=1&after=" + position, &entry.code);
      });
      noted.positions.push_back(entry);
    }
  };
  ask_for_position(false);
  for (std::size_t i = 0; i < gateways.size(); ++i)
    for (std::size_t order = 0; order < std::min(asked_for, lost.size()); ++order) {
      lost_order entry{i, lost[order], 0};
      ask_until_known(driver, [&] { return entry.status = status_at(gateways[i], people, "/v1/orders/" + entry.id); });
      noted.orders.push_back(entry);
    }
  driver.wait_until([&] { return subscribers.begun_again() > into.restored.size(); }, longest_wait);
  // More than were lost.
  steps.place_orders();
  steps.place_orders();
  ask_for_position(true);
  into.restored.push_back(std::move(noted));
  driver.await_all_ready();
}

} // namespace waybill::chaos
