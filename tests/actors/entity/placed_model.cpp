#define CAF_SUITE actors.placed_model
#include <caf/test/bdd_dsl.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

/// A model of docs/adr/0024, checked in all of its states: two entities of a node and its journal, a few appends and
/// messages, and another writer that takes one version. That the actors behave like the model is checked by reading,
/// and tested in placed.cpp.
namespace {

using mask = std::uint32_t; // of appends, by their numbers

constexpr std::size_t entities = 2;
constexpr std::size_t most_appends = 4;
constexpr std::size_t most_messages = 2;

/// The faults that a build may have.
enum class fault { none, early_answer, nothing_is_void, state_is_kept, old_messages_count };

struct placed {
  std::uint8_t stream = 0;
  std::uint8_t version = 0;
  std::uint8_t epoch = 0;
  mask builds_on = 0;
  auto operator<=>(const placed&) const = default;
};

struct message {
  std::uint8_t to = 0;
  std::uint8_t epoch = 0;
  mask told = 0;
  auto operator<=>(const message&) const = default;
};

struct answer {
  std::uint8_t append = 0;
  bool done = false;
  auto operator<=>(const answer&) const = default;
};

struct entity {
  std::uint8_t epoch = 1;
  std::uint8_t version = 0;
  /// The appends that its state and its received messages depend on; and those that its own appends depend on.
  mask knows = 0;
  mask shows = 0;
  std::uint8_t outstanding = 0;
  bool is_refused = false;
  std::vector<answer> answers;
  auto operator<=>(const entity&) const = default;
};

struct world {
  std::uint8_t epoch = 1;
  std::array<std::uint8_t, entities> versions{};
  mask durable = 0;
  std::vector<placed> appends;
  std::vector<std::uint8_t> queue;
  std::vector<message> messages;
  std::uint8_t sent = 0;
  bool is_disturbed = false;
  std::array<entity, entities> actors;
  auto operator<=>(const world&) const = default;
};

class explorer {
public:
  explicit explorer(fault broken) : broken_(broken) {}

  /// The first promise that does not hold in some state; empty: all hold in all states.
  std::string run() {
    visit({});
    while (!open_.empty() && violation_.empty()) {
      const auto next = open_.back();
      open_.pop_back();
      for (std::uint8_t actor = 0; actor < entities; ++actor)
        act(next, actor);
      commit(next, 1);
      commit(next, 2);
      disturb(next);
    }
    return violation_;
  }

  [[nodiscard]] std::size_t states() const { return seen_.size(); }

private:
  void visit(const world& next) {
    if (seen_.insert(next).second)
      open_.push_back(next);
  }

  static mask bit(std::size_t append) { return mask{1} << append; }

  void act(const world& from, std::uint8_t actor) {
    place(from, actor);
    send(from, actor);
    for (std::size_t i = 0; i < from.messages.size(); ++i)
      if (from.messages[i].to == actor)
        receive(from, actor, i);
    take_answer(from, actor);
    const auto& self = from.actors[actor];
    const bool may_show = self.outstanding == 0 || broken_ == fault::early_answer;
    if (may_show && (self.shows & ~from.durable) != 0)
      violation_ = "somebody outside was shown what is not durable";
  }

  void place(world next, std::uint8_t actor) {
    auto& self = next.actors[actor];
    if (self.is_refused || next.appends.size() == most_appends)
      return;
    const auto number = next.appends.size();
    next.appends.push_back({actor, ++self.version, self.epoch, self.knows});
    self.knows |= bit(number);
    self.shows = self.knows;
    ++self.outstanding;
    next.queue.push_back(static_cast<std::uint8_t>(number));
    visit(next);
  }

  void send(world next, std::uint8_t actor) {
    if (next.sent == most_messages)
      return;
    ++next.sent;
    const auto& self = next.actors[actor];
    next.messages.push_back({static_cast<std::uint8_t>(1 - actor), self.epoch, self.knows});
    visit(next);
  }

  void receive(world next, std::uint8_t actor, std::size_t which) {
    const auto message = next.messages[which];
    next.messages.erase(next.messages.begin() + static_cast<std::ptrdiff_t>(which));
    auto& self = next.actors[actor];
    if (self.epoch != next.epoch && self.outstanding == 0)
      begin_anew(next, actor);
    if (message.epoch == self.epoch || broken_ == fault::old_messages_count)
      self.knows |= message.told;
    visit(next);
  }

  void take_answer(world next, std::uint8_t actor) {
    auto& self = next.actors[actor];
    if (self.answers.empty())
      return;
    const auto first = self.answers.front();
    self.answers.erase(self.answers.begin());
    --self.outstanding;
    self.is_refused = self.is_refused || !first.done;
    if (self.outstanding == 0 && self.is_refused)
      begin_anew(next, actor);
    visit(next);
  }

  /// Takes over the epoch and loads the durable appends of its stream.
  void begin_anew(world& at, std::uint8_t actor) const {
    auto& self = at.actors[actor];
    self.epoch = at.epoch;
    self.is_refused = false;
    self.version = at.versions[actor];
    if (broken_ == fault::state_is_kept)
      return;
    self.knows = 0;
    for (std::size_t i = 0; i < at.appends.size(); ++i)
      if (at.appends[i].stream == actor && (at.durable & bit(i)) != 0)
        self.knows |= bit(i);
    self.shows = self.knows;
  }

  void commit(world next, std::size_t count) {
    if (next.queue.size() < count)
      return;
    const auto epoch = next.epoch;
    bool is_void = false;
    for (std::size_t i = 0; i < count; ++i) {
      const auto number = next.queue.front();
      next.queue.erase(next.queue.begin());
      const auto& append = next.appends[number];
      const bool voids = broken_ != fault::nothing_is_void;
      bool done = false;
      if (!(voids && (is_void || append.epoch != epoch))) {
        done = append.version == next.versions[append.stream] + 1;
        is_void = is_void || !done;
      }
      if (done) {
        if ((append.builds_on & ~next.durable) != 0)
          violation_ = "an append is durable, and something that it builds on is not";
        ++next.versions[append.stream];
        next.durable |= bit(number);
      }
      next.actors[append.stream].answers.push_back({number, done});
    }
    if (is_void)
      ++next.epoch;
    visit(next);
  }

  /// Another node writes a stream.
  void disturb(const world& from) {
    if (from.is_disturbed)
      return;
    for (std::size_t stream = 0; stream < entities; ++stream) {
      auto next = from;
      next.is_disturbed = true;
      ++next.versions[stream];
      visit(next);
    }
  }

  fault broken_;
  std::set<world> seen_;
  std::vector<world> open_;
  std::string violation_;
};

} // namespace

SCENARIO("G1, G2: in every state of the model, all that is durable or shown builds on durable appends only") {
  explorer all{fault::none};
  CHECK_EQ(all.run(), "");
  CAF_MESSAGE(all.states() << " states");
  CHECK(all.states() > 10'000);
}

SCENARIO("the model finds the promise that each fault breaks") {
  CHECK_EQ(explorer{fault::early_answer}.run(), "somebody outside was shown what is not durable");
  for (const auto broken : {fault::nothing_is_void, fault::state_is_kept, fault::old_messages_count})
    CHECK_NE(explorer{broken}.run(), "");
}
