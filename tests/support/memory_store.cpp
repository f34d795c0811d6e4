#include "domain/base/errors.hpp"
#include "tests/support/memory_contents.hpp"

#include <set>

namespace waybill::test {

namespace {

using contents = memory_database::contents;

class memory_journal : public journal_store {
public:
  memory_journal(std::shared_ptr<contents> data, std::string node) : data_{std::move(data)}, node_{std::move(node)} {}

  result<std::vector<result<appended>>> commit(std::span<const append> batch) override {
    std::function<void(std::span<const append>)> callback;
    {
      const std::lock_guard guard{data_->mutex};
      callback = data_->before_commit;
    }
    if (callback)
      callback(batch);
    const std::lock_guard guard{data_->mutex};
    if (!data_->available)
      return unavailable();
    std::vector<result<appended>> outcomes;
    std::set<std::string> refused;
    bool is_void = false;
    for (const auto& request : batch) {
      if (is_void && request.epoch != 0)
        outcomes.emplace_back(failure{ec::conflict, "an append that was placed before this one was refused"});
      else if (refused.contains(request.stream) && !data_->is_written(request, node_))
        outcomes.emplace_back(failure{ec::conflict, "an append before it was refused"});
      else
        outcomes.push_back(data_->write(request, node_));
      if (!outcomes.back() && outcomes.back().error().code == ec::conflict)
        refused.insert(request.stream);
      is_void = is_void || (!outcomes.back() && request.is_built_on);
    }
    ++data_->commits;
    if (std::exchange(data_->lose_answer, false))
      return unavailable();
    return outcomes;
  }

  result<void> probe() override {
    const std::lock_guard guard{data_->mutex};
    return data_->available ? result<void>{} : unavailable();
  }

private:
  std::shared_ptr<contents> data_;
  std::string node_;
};

} // namespace

memory_database::memory_database() : contents_{std::make_shared<contents>()} {}

std::unique_ptr<journal_store> memory_database::open_journal(std::string node) const {
  return std::make_unique<memory_journal>(contents_, std::move(node));
}

void memory_database::set_available(bool available) {
  const std::lock_guard guard{contents_->mutex};
  contents_->available = available;
}

void memory_database::lose_next_answer() {
  const std::lock_guard guard{contents_->mutex};
  contents_->lose_answer = true;
}

void memory_database::before_commit(std::function<void(std::span<const append>)> callback) {
  const std::lock_guard guard{contents_->mutex};
  contents_->before_commit = std::move(callback);
}

void memory_database::refuse_if(std::function<bool(const append&)> condition) {
  const std::lock_guard guard{contents_->mutex};
  contents_->refuses = std::move(condition);
}

void memory_database::set_clock(std::function<timestamp()> clock) {
  const std::lock_guard guard{contents_->mutex};
  contents_->clock = std::move(clock);
}

void memory_database::remove_events(std::size_t count) {
  const std::lock_guard guard{contents_->mutex};
  contents_->removed = count;
}

std::shared_ptr<const memory_tables> memory_database::save() const {
  const std::lock_guard guard{contents_->mutex};
  return std::make_shared<memory_tables>(*contents_);
}

void memory_database::restore(const memory_tables& backup) {
  const std::lock_guard guard{contents_->mutex};
  const auto generation = contents_->generation + 1;
  static_cast<memory_tables&>(*contents_) = backup;
  contents_->generation = generation;
}

std::uint64_t memory_database::generation() const {
  const std::lock_guard guard{contents_->mutex};
  return contents_->generation;
}

std::vector<stored_event> memory_database::log() const {
  const std::lock_guard guard{contents_->mutex};
  return contents_->log;
}

std::size_t memory_database::commits() const {
  const std::lock_guard guard{contents_->mutex};
  return contents_->commits;
}

} // namespace waybill::test
