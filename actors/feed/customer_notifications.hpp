#pragma once

#include "actors/feed/notifier.hpp"
#include "messages/notifications.hpp"

#include <caf/result.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <optional>

namespace waybill {

/// What people do with the notifications of a customer: they mark them as read, and push new ones. A part of the
/// notifier, used by that actor only, and apart from its way along the log: it needs no position there.
class customer_notifications {
public:
  /// `services` outlives it.
  customer_notifications(notifier_region_actor::pointer self, const entity_services& services)
    : self_(self), services_(&services) {}

  /// As notifier_actor says. What is not the customer's is not there; one that was read stays as it was.
  caf::result<notifications_marked> answer(mark_notifications_read command);
  caf::result<notification_pushed> answer(push_notification command);

private:
  using marked_promise = caf::typed_response_promise<notifications_marked>;
  using pushed_promise = caf::typed_response_promise<notification_pushed>;

  void write_mark(const mark_notifications_read& command, marked_promise promise);
  /// `generation`: of the log that has the order, if it was looked up.
  void write_pushed(const push_notification& command, std::optional<std::uint64_t> generation, pushed_promise promise);
  void answer_again(const push_notification& command, pushed_promise promise);

  notifier_region_actor::pointer self_;
  const entity_services* services_;
};

} // namespace waybill
