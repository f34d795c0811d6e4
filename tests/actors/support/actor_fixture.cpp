#include "tests/actors/support/actor_fixture.hpp"

#include "persistence/journal/journal_actor.hpp"
#include "persistence/readers/reader_actor.hpp"

namespace waybill::test {

actor_fixture::actor_fixture() {
  database.set_clock([this] { return time(); });
}

timestamp actor_fixture::time() const {
  return epoch_
         + std::chrono::duration_cast<std::chrono::microseconds>(sched.clock().current_time.time_since_epoch());
}

std::size_t actor_fixture::pass(caf::timespan duration) {
  auto& clock = sched.clock();
  std::size_t messages = 0;
  const auto until = clock.current_time + duration;
  for (;;) {
    if (consume_message()) {
      ++messages;
      continue;
    }
    if (clock.schedule.empty() || clock.schedule.begin()->first > until)
      break;
    trigger_timeout();
  }
  clock.current_time = until;
  return messages;
}

entity_services actor_fixture::spawn_services() {
  entity_services services;
  services.node = "test";
  services.clock = [this] { return time(); };
  services.sequence = std::make_shared<append_sequence>();
  services.journals = {spawn_journal(database, services.sequence)};
  services.reader = spawn_reader(database);
  services.log_generation = [this] { return database.generation(); };
  return services;
}

journal_actor actor_fixture::spawn_journal(memory_database& target, std::shared_ptr<append_sequence> sequence) {
  return sys.spawn<journal_impl::stateful_impl<journal_state>>(target.open_journal(), journal_settings{},
                                                               journal_links{.sequence = std::move(sequence)});
}

reader_actor actor_fixture::spawn_reader(const memory_database& source) {
  return sys.spawn<reader_actor::stateful_impl<reader_state>>(source.open_query(),
                                                              std::make_shared<std::atomic<std::size_t>>(1U << 30U));
}

} // namespace waybill::test
