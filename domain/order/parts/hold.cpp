#include "domain/base/transitions.hpp"
#include "domain/order/parts.hpp"

namespace waybill::order {

namespace {

bool waits_for_dispatch(const state& s) {
  return s.status == status::confirmed && !is_revising(s);
}

} // namespace

timestamp dispatch_by(const state& s, timestamp now, const deadlines& limits) {
  if (s.hold)
    return s.hold->until;
  return (s.dispatch_at && *s.dispatch_at > now ? *s.dispatch_at : now) + limits.dispatch;
}

decision decide_part(const state& s, const hold& cmd, timestamp now, const deadlines& limits) {
  if (s.hold)
    return events{};
  if (!may_change(s, now))
    return illegal(held::type, s.status, s.status, "an order is held before its dispatch");
  if (awaits_payer(s))
    return illegal(held::type, s.status, s.status, "nobody has paid it yet: it is not dispatched before");
  // Counted from one moment, so that several holds together are no longer than one.
  const auto until =
    s.deferral && s.deferral->paid_at ? *s.deferral->paid_at + limits.hold : s.created_at + limits.hold;
  if (until <= now)
    return illegal(held::type, s.status, s.status, "it is too old to be held");
  return events{held{cmd.by, cmd.reason, until}};
}

decision decide_part(const state& s, const release& cmd, timestamp now, const deadlines& limits) {
  const bool is_under_way =
    s.status == status::placed || s.status == status::confirmed || s.status == status::fulfilling;
  if (!s.hold && is_under_way)
    return events{};
  if (!s.hold || !next_status(s.status, released::type))
    return illegal(released::type, s.status, s.status, "it is not held");
  auto after = s;
  after.hold.reset();
  return events{released{cmd.by, cmd.reason, dispatch_by(after, now, limits)}};
}

void apply_part(state& s, const held& e, timestamp at) {
  s.hold = hold_mark{e.by, e.reason, at, e.until};
  if (waits_for_dispatch(s))
    s.step_by = e.until;
}

void apply_part(state& s, const released& e, timestamp) {
  s.hold.reset();
  if (waits_for_dispatch(s))
    s.step_by = e.step_by;
}

} // namespace waybill::order
