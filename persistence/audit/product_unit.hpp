#pragma once

#include "persistence/audit/check_context.hpp"
#include "persistence/audit/followed_streams.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace waybill {

/// Checks one product with its reservations. Its stream grows without an end, so that it is not replayed from its
/// beginning each time: the state at which the last check ended is kept, and the next one goes on from there. A
/// thorough check starts at the beginning. Throws what SOCI throws.
class product_unit {
public:
  product_unit(check_context& context, followed_streams& followed, std::string id)
    : context_{context}, followed_{followed}, id_{std::move(id)} {}

  void check();

private:
  enum class replayed : std::uint8_t { full_page, to_the_end, not_to_the_end };

  void check_row(const audited_entity& stored);
  product::state find_start(const audited_entity* stored);
  bool was_overtaken(std::uint64_t version, const audited_entity* stored);
  replayed replay_page(const audited_entity* stored);
  replayed replay_pages(const audited_entity* stored);
  void check_expired(const std::vector<stored_event>& events);
  void check_committed();
  void check_reservations();
  void check_all_live(const reservation_map& checked);
  void compare_row(const std::string& order, const product::reservation* row);
  [[nodiscard]] const product::reservation* find_reservation(const std::string& order) const;
  void complain_of_row(const std::string& order);

  check_context& context_;
  followed_streams& followed_;
  std::string id_;
  /// As far as it was replayed.
  product::state product_;
  /// The orders whose reservations the events of the last page are about.
  std::vector<std::string> touched_;
};

} // namespace waybill
