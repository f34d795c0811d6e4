// Random command sequences against the invariants of the design. A failure names the seed of its sequence: run that
// seed alone to see it again.

#include "tests/domain/story.hpp"
#include "tests/domain/support/random_orders.hpp"

#include <set>

#define CAF_SUITE domain.properties
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using waybill::testing::courier_story;
using waybill::testing::delivery_story;
using waybill::testing::dice;
using waybill::testing::euros;
using waybill::testing::order_story;
using waybill::testing::payment_story;
using waybill::testing::product_story;
using waybill::testing::text_of;
using waybill::testing::within;
using waybill::testing::word;

namespace {

constexpr std::uint64_t sequences = 3'000;
constexpr int commands_in_sequence = 40;

// -- one overload per entity: a random command, and what is broken in a state (empty: nothing) -----------------------

using waybill::testing::broken;
using waybill::testing::random_command;

product::command random_command(const product_story& story, dice& d) {
  const order_id order{"ord_" + std::to_string(d.roll(6))};
  const auto quantity = static_cast<std::int64_t>(d.roll(5));
  const auto by = story.now + milliseconds{d.roll(40'000)} - milliseconds{5'000};
  switch (d.roll(12)) {
    case 0: return product::create{product_id{"prd_1"}, "TEA", "Tea", euros(500), 8};
    case 1: return product::change{{}, d.one_in(2) ? "Tea" : "Green tea", euros(d.roll(3))};
    case 2: return d.one_in(10) ? product::command{product::withdraw{}} : product::expire{{order}};
    case 3: return product::adjust{static_cast<std::int64_t>(d.roll(16)) - 8, "counted"};
    case 4:
    case 5:
    case 6:
    case 7: return product::reserve{order, quantity, by};
    case 8:
    case 9: {
      const auto held = story.state.reservations.find(order);
      return product::commit{order, held == story.state.reservations.end() ? quantity : held->second.quantity};
    }
    case 10: return product::release{order, by};
    default: return product::expire{product::find_overdue(story.state, story.now)};
  }
}

std::string broken(const product::state& s) {
  std::int64_t live = 0;
  for (const auto& [order, held] : s.reservations)
    if (held.status == product::reservation_status::live)
      live += held.quantity;
  if (s.on_hand < 0 || s.available() < 0)
    return "I2: nothing is sold that is not there";
  return live == s.reserved ? "" : "I2: reserved is the sum of the live reservations";
}

payment::command random_command(const payment_story& story, dice& d) {
  const payment_id id{"pay_1"};
  if (d.one_in(story.state.status == payment::status::captured ? 3 : 30))
    return payment::give_back{refund_id{"rfd_" + std::to_string(d.roll(4))}, euros(d.roll(800))};
  switch (d.roll(9)) {
    case 0:
    case 1:
      return payment::authorize{id,     order_id{"ord_1"}, customer_id{"cus_1"}, d.one_in(6) ? euros(1) : euros(1300),
                                "card", "tok_ok"};
    case 2: return payment::capture{};
    case 3: return d.one_in(3) ? payment::command{payment::void_authorization{id}} : payment::capture{};
    case 4:
    case 5:
    case 6: return payment::record_approved{"ref_1"};
    case 7: return payment::record_declined{d.one_in(2) ? "no" : ""};
    default: return payment::record_unknown{};
  }
}

std::string broken(const payment::state& s) {
  using enum payment::status;
  if (!within(s.refunded, s.captured, s.authorized))
    return "I1: refunded <= captured <= authorised";
  if ((s.status == voided || s.status == declined) && !s.authorized.is_zero())
    return "I3: what was given back or declined authorises nothing";
  const bool refunds = s.under_way && s.under_way->operation == payment::operation::refund;
  const bool busy =
    s.status == authorizing || s.status == capturing || s.status == voiding || (s.status == captured && refunds);
  if (busy != s.under_way.has_value())
    return "G4: an intent is recorded while, and only while, its outcome is open";
  const auto refund = refunds ? "/" + s.under_way->refund->value : "";
  if (s.under_way && s.under_way->key != "pay_1/" + word(s.under_way->operation) + refund)
    return "G4: the provider's key never changes";
  return "";
}

delivery::command random_command(const delivery_story& story, dice& d) {
  const delivery_id id{"dlv_1"};
  const auto attempt = story.state.attempt - (story.state.attempt > 0 && d.one_in(8) ? 1 : 0);
  switch (d.roll(12)) {
    case 0:
      return delivery::request{id, order_id{"ord_1"}, customer_id{"cus_1"}, "Ada",
                               d.one_in(6) ? "elsewhere" : "1 Main Street"};
    case 1:
    case 2:
    case 3: return delivery::offer{courier_id{"cur_" + std::to_string(d.roll(4))}};
    case 4:
    case 5: return delivery::accept{attempt};
    case 6: return delivery::decline{attempt, "busy"};
    case 7:
    case 8: return delivery::start{attempt};
    case 9: return d.one_in(2) ? delivery::command{delivery::complete{attempt}} : delivery::start{attempt};
    case 10: return delivery::abort{attempt, "flat tyre"};
    default:
      return d.one_in(6)   ? delivery::command{delivery::cancel{id}}
             : d.one_in(6) ? delivery::command{delivery::give_up_search{}}
                           : delivery::give_up_attempt{};
  }
}

std::string broken(const delivery::state& s) {
  using enum delivery::status;
  const bool busy = s.status == offered || s.status == assigned || s.status == started;
  if (busy != s.step_by.has_value())
    return "I3, G7: exactly an attempt under way has a deadline";
  if (s.attempt > delivery::settings{}.max_attempts)
    return "more attempts than allowed";
  return std::set(s.tried.begin(), s.tried.end()).size() == s.tried.size() ? "" : "a courier is remembered twice";
}

courier::command random_command(const courier_story&, dice& d) {
  const courier_id id{"cur_1"};
  const delivery_id job{"dlv_" + std::to_string(d.roll(4))};
  switch (d.roll(10)) {
    case 0: return courier::add{id, user_id{"usr_1"}, d.one_in(4) ? "Bob" : "Ann", d.one_in(10) ? 0U : 2U};
    case 1:
      return courier::change{d.one_in(3) ? std::optional<std::string>{"Eve"} : std::nullopt,
                             d.one_in(2) ? std::optional{d.roll(4)} : std::nullopt,
                             d.one_in(2) ? std::optional{d.one_in(2)} : std::nullopt};
    case 2: return d.one_in(4) ? courier::command{courier::remove{}} : courier::release{job, 1 + d.roll(3)};
    case 3:
    case 4: return courier::release{job, 1 + d.roll(3)};
    default: return courier::assign{job, 1 + d.roll(3)};
  }
}

std::string broken(const courier::state& s) {
  std::set<std::string> jobs;
  for (const auto& held : s.assignments)
    jobs.insert(held.delivery.value);
  if (jobs.size() != s.assignments.size())
    return "a delivery takes two places";
  if (s.removed && (s.online || !s.assignments.empty()))
    return "who was removed has nothing to do";
  return "";
}

/// Commands whose repetition is a new intent: they speak of whatever holds at that time.
bool is_repeatable(const order::command& cmd) {
  return !std::holds_alternative<order::give_up_step>(cmd);
}
bool is_repeatable(const product::command& cmd) {
  return !std::holds_alternative<product::adjust>(cmd);
}
bool is_repeatable(const payment::command&) {
  return true;
}
bool is_repeatable(const delivery::command&) {
  return true;
}
bool is_repeatable(const courier::command&) {
  return true;
}

/// Of a completed order the money is what may still move.
bool is_final(const order::state& s) {
  return order::is_final(s.status) && (s.status != order::status::completed || s.refunded == s.captured);
}
bool is_final(const product::state&) {
  return false;
}
bool is_final(const payment::state& s) {
  return s.status == payment::status::voided || (s.status == payment::status::captured && s.refunded == s.captured);
}
bool is_final(const courier::state&) {
  return false;
}
bool is_final(const delivery::state& s) {
  return delivery::is_final(s.status);
}

bool has_left(const order::state& before, const order::state& after) {
  return order::is_final(before.status) && after.status != before.status;
}
bool has_left(const auto&, const auto&) {
  return false;
}

/// Half of the orders wait a little before their dispatch.
void prepare(order_story& story, std::uint64_t seed) {
  if (seed % 2 == 0)
    story.options.grace = milliseconds{20'000};
}
void prepare(auto&, std::uint64_t) {}

// -- the walk ---------------------------------------------------------------------------------------------------------

/// The state after a replay of the story's events, through their recorded form.
template <class State, class Command, class Event, class Options>
std::string replayed(const waybill::testing::story<State, Command, Event, Options>& story) {
  State state;
  for (const auto& [at, event] : story.log) {
    const auto recorded = encode_event(event);
    const auto read = decode_event<Event>(recorded.type, recorded.schema, recorded.data);
    if (!read)
      return read.error().detail;
    apply(state, *read, at);
  }
  return text_of(state);
}

/// Tells one random command and says what broke; empty when all holds.
template <class Story>
std::string step(Story& story, dice& d) {
  story.wait(milliseconds{d.one_in(20) ? 3 * 60 * 60'000 : d.roll(4'000)});
  const auto cmd = random_command(story, d);
  const auto before = story.log.size();
  const bool was_final = is_final(story.state);
  const auto then = story.state;
  try {
    story.tell(cmd);
    if (has_left(then, story.state))
      return "I3: it left a final status";
    const bool changed = story.log.size() > before;
    if (changed && was_final)
      return "an event after the end";
    const auto again = story.ask(cmd);
    if (is_repeatable(cmd) && again && !again->empty())
      return "G3: the repeated command led to " + std::string{encode_event(again->front()).type};
    if (is_repeatable(cmd) && changed && !again)
      return "G3: the repeated command was refused: " + again.error().detail;
  } catch (const std::exception& thrown) {
    return std::string{"decide threw: "} + thrown.what();
  }
  if (story.state.version != story.log.size())
    return "I4: versions are contiguous";
  if (auto violation = broken(story.state); !violation.empty())
    return violation;
  const auto reread = decode<decltype(story.state)>(encode(story.state));
  return reread && encode(*reread) == encode(story.state) ? "" : "I5: the stored state is another one";
}

/// Walks all sequences. Says what broke first, with the seed, and collects the types of the events seen.
template <class Story>
std::string walk(std::set<std::string>& seen) {
  for (std::uint64_t seed = 1; seed <= sequences; ++seed) {
    dice d{seed};
    Story story;
    prepare(story, seed);
    for (int i = 0; i < commands_in_sequence; ++i)
      if (auto violation = step(story, d); !violation.empty())
        return "seed " + std::to_string(seed) + ", command " + std::to_string(i) + ": " + violation;
    if (replayed(story) != text_of(story.state))
      return "seed " + std::to_string(seed) + ": I5: a replay leads to another state";
    for (const auto& [at, event] : story.log)
      seen.emplace(encode_event(event).type);
  }
  return "";
}

/// Fails with what broke and the seed; FAIL shows its text at every verbosity, CHECK_EQ does not.
template <class Story>
std::set<std::string> walk_unbroken() {
  std::set<std::string> seen;
  if (const auto violation = walk<Story>(seen); !violation.empty())
    CAF_FAIL(violation);
  return seen;
}

} // namespace

SCENARIO("no sequence of commands breaks an order") {
  const auto seen = walk_unbroken<order_story>();
  CHECK_EQ(seen.size(), std::variant_size_v<order::event>);
}

SCENARIO("no sequence of commands breaks a product") {
  const auto seen = walk_unbroken<product_story>();
  CHECK_EQ(seen.size(), std::variant_size_v<product::event>);
}

SCENARIO("no sequence of commands breaks a payment") {
  const auto seen = walk_unbroken<payment_story>();
  CHECK_EQ(seen.size(), std::variant_size_v<payment::event>);
}

SCENARIO("no sequence of commands breaks a delivery") {
  const auto seen = walk_unbroken<delivery_story>();
  CHECK_EQ(seen.size(), std::variant_size_v<delivery::event>);
}

SCENARIO("no sequence of commands breaks a courier") {
  const auto seen = walk_unbroken<courier_story>();
  CHECK_EQ(seen.size(), std::variant_size_v<courier::event>);
}

SCENARIO("no sequence of commands gives a courier more than they can take at that time") {
  for (std::uint64_t seed = 1; seed <= sequences; ++seed) {
    dice d{seed};
    courier_story story;
    for (int i = 0; i < commands_in_sequence; ++i) {
      const auto before = story.state.assignments.size();
      story.tell(random_command(story, d));
      const auto after = story.state.assignments.size();
      if (after > before && after > story.state.capacity)
        CAF_FAIL("seed " << seed << ", command " << i);
    }
  }
}
