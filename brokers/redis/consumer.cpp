#include "brokers/redis/consumer.hpp"

#include "brokers/redis/connection.hpp"
#include "domain/base/errors.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace waybill::brokers {

namespace {

using clock = std::chrono::steady_clock;
using redis::text_of;

constexpr std::string_view body_field = "order";
constexpr std::string_view id_field = "id";
/// Before the first entry of a stream, and behind the last that can be claimed.
constexpr std::string_view beginning = "0-0";

/// The elements of an array; none of anything else.
std::span<redisReply* const> elements_of(const redisReply& of) {
  return of.type == REDIS_REPLY_ARRAY ? std::span<redisReply* const>{of.element, of.elements}
                                      : std::span<redisReply* const>{};
}

class redis_consumer final : public consumer {
public:
  redis_consumer(queue_address from, const consumer_settings& settings, stop_flag stop)
    : stream_{from.name}, group_{std::move(from.group)},
      dead_letters_{dead_letters_of(from)}, name_{settings.name}, count_{std::to_string(settings.in_flight)},
      claim_after_{settings.claim_after}, connection_{std::move(from.server), std::move(from.user),
                                                      std::move(from.password), settings.connections, std::move(stop)} {
  }

  result<void> connect() override { return connection_.is_open() ? result<void>{} : close_on_failure(open()); }

  result<std::vector<received>> receive(milliseconds patience) override {
    if (auto connected = connect(); !connected)
      return connected.error();
    auto batch = own_messages();
    if (batch && batch->empty() && clock::now() >= claim_due_)
      batch = abandoned_messages();
    if (batch && batch->empty())
      batch = new_messages(patience);
    if (!batch)
      connection_.close();
    return batch;
  }

  result<void> settle(std::span<const settlement> batch) override {
    if (!connection_.is_open())
      return failure{ec::unavailable, "the connection over which the messages came is closed"};
    return close_on_failure(settle_all(batch));
  }

  /// Redis says it from version 7 on, unless entries were removed from the middle of the stream.
  result<std::optional<std::uint64_t>> count_waiting() override {
    if (auto connected = connect(); !connected)
      return connected.error();
    const auto until = connection_.patience();
    connection_.send({"XINFO", "GROUPS", stream_});
    const auto answer = connection_.receive(until);
    if (answer)
      return lag_in(**answer);
    if (!connection_.lost(until))
      return std::nullopt; // A user who may not ask, for example.
    connection_.close();
    return answer.error();
  }

private:
  using batch_result = result<std::vector<received>>;

  result<void> close_on_failure(result<void> done) {
    if (!done)
      connection_.close();
    return done;
  }

  /// Messages that were in the stream before the group count too.
  result<void> open() {
    own_from_ = beginning;
    claim_from_ = beginning;
    claim_due_ = clock::now();
    if (auto opened = connection_.open(); !opened)
      return opened;
    const auto until = connection_.patience();
    connection_.send({"XGROUP", "CREATE", stream_, group_, "0", "MKSTREAM"});
    const auto made = connection_.receive(until);
    const bool is_there = !made && made.error().detail.find("BUSYGROUP") != std::string::npos;
    if (!made && !is_there)
      return made.error();
    return {};
  }

  // -- receiving ------------------------------------------------------------------------------------------------------

  /// Those that were given to this consumer, before it was started or connected again, and not settled.
  batch_result own_messages() {
    while (!own_from_.empty()) {
      connection_.send({"XREADGROUP", "GROUP", group_, name_, "COUNT", count_, "STREAMS", stream_, own_from_});
      auto answer = connection_.receive(connection_.patience());
      if (!answer)
        return answer.error();
      auto batch = read_streams(**answer);
      if (!batch || !batch->empty())
        return batch;
    }
    return std::vector<received>{};
  }

  /// Those that other consumers were given and have not settled for long: they may be dead.
  batch_result abandoned_messages() {
    const auto idle = std::to_string(claim_after_.count());
    connection_.send({"XAUTOCLAIM", stream_, group_, name_, idle, claim_from_, "COUNT", count_});
    auto answer = connection_.receive(connection_.patience());
    if (!answer)
      return answer.error();
    const auto parts = elements_of(**answer);
    if (parts.size() < 2)
      return failure{ec::unavailable, connection_.name() + " answers XAUTOCLAIM with something else"};
    claim_from_ = text_of(*parts[0]);
    if (claim_from_ == beginning)
      claim_due_ = clock::now() + claim_after_ / 2;
    return read_entries(*parts[1]);
  }

  batch_result new_messages(milliseconds patience) {
    const auto until = connection_.patience();
    const auto block = std::to_string(std::max(patience, milliseconds{1}).count());
    connection_.send({"XREADGROUP", "GROUP", group_, name_, "COUNT", count_, "BLOCK", block, "STREAMS", stream_, ">"});
    auto answer = connection_.receive(until);
    if (!answer)
      return answer.error();
    own_from_.clear();
    return read_streams(**answer);
  }

  /// What XREADGROUP answers: nothing, or the stream and its entries.
  batch_result read_streams(const redisReply& answer) {
    for (const auto* stream : elements_of(answer))
      if (const auto parts = elements_of(*stream); parts.size() == 2) {
        const auto entries = elements_of(*parts[1]);
        if (!own_from_.empty())
          own_from_ = entries.empty() || elements_of(*entries.back()).empty()
                        ? std::string{}
                        : std::string{text_of(*elements_of(*entries.back())[0])};
        return read_entries(*parts[1]);
      }
    own_from_.clear();
    return std::vector<received>{};
  }

  batch_result read_entries(const redisReply& entries) {
    std::vector<received> batch;
    std::vector<std::string_view> gone;
    for (const auto* entry : elements_of(entries)) {
      const auto parts = elements_of(*entry);
      if (parts.size() != 2)
        continue;
      if (parts[1]->type == REDIS_REPLY_ARRAY)
        batch.push_back(read_entry(text_of(*parts[0]), elements_of(*parts[1])));
      else
        gone.push_back(text_of(*parts[0]));
    }
    if (!gone.empty())
      if (auto forgotten = acknowledge(gone); !forgotten)
        return forgotten.error();
    return batch;
  }

  received read_entry(std::string_view entry, std::span<redisReply* const> words) const {
    received read;
    read.handle = entry;
    bool has_body = false;
    for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
      const auto name = text_of(*words[i]);
      const auto value = text_of(*words[i + 1]);
      if (name == body_field) {
        read.body = value;
        has_body = true;
        continue;
      }
      if (name == id_field)
        read.id = value;
      read.fields.emplace_back(name, value);
    }
    if (read.id.empty())
      read.id = stream_ + '/' + read.handle;
    if (!has_body)
      read.fault = "the entry has no field `order`, which must hold the order";
    return read;
  }

  /// Of this group, among all of the stream: each is a list of names, with a value behind each.
  std::optional<std::uint64_t> lag_in(const redisReply& groups) const {
    for (const auto* group : elements_of(groups)) {
      const auto words = elements_of(*group);
      bool is_ours = false;
      std::optional<std::uint64_t> lag;
      for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
        if (text_of(*words[i]) == "name")
          is_ours = text_of(*words[i + 1]) == group_;
        else if (text_of(*words[i]) == "lag" && words[i + 1]->type == REDIS_REPLY_INTEGER)
          lag = static_cast<std::uint64_t>(std::max(words[i + 1]->integer, 0LL));
      }
      if (is_ours)
        return lag;
    }
    return std::nullopt;
  }

  // -- settling -------------------------------------------------------------------------------------------------------

  /// Entries that were removed from the stream while somebody had them.
  result<void> acknowledge(const std::vector<std::string_view>& entries) {
    connection_.send(acknowledgement(entries));
    if (auto done = connection_.receive(connection_.patience()); !done)
      return done.error();
    return {};
  }

  std::vector<std::string_view> acknowledgement(const std::vector<std::string_view>& entries) const {
    std::vector<std::string_view> words{"XACK", stream_, group_};
    words.insert(words.end(), entries.begin(), entries.end());
    return words;
  }

  /// One transaction: no message is at both places.
  result<void> settle_all(std::span<const settlement> batch) {
    if (batch.empty())
      return {};
    const auto until = connection_.patience();
    std::vector<std::string_view> entries;
    std::size_t commands = 1;
    connection_.send({"MULTI"});
    for (const auto& each : batch) {
      entries.emplace_back(each.message->handle);
      if (!each.rejected)
        continue;
      bury(*each.message, *each.rejected);
      ++commands;
    }
    connection_.send(acknowledgement(entries));
    connection_.send({"EXEC"});
    if (auto ran = connection_.receive_transaction(commands, until); !ran)
      return ran.error();
    return {};
  }

  void bury(const received& message, const rejection& why) {
    std::vector<std::string_view> words{"XADD", dead_letters_, "*"};
    for (const auto& [name, value] : message.fields)
      words.insert(words.end(), {name, value});
    if (message.fault.empty())
      words.insert(words.end(), {body_field, message.body});
    const auto status = std::to_string(why.status);
    words.insert(words.end(), {"entry", message.handle, "problem", why.problem, "code", why.code, "status", status});
    connection_.send(words);
  }

  std::string stream_;
  std::string group_;
  std::string dead_letters_;
  std::string name_;
  std::string count_;
  milliseconds claim_after_;
  redis::connection connection_;
  /// Behind which own messages are looked for; empty: there are no more.
  std::string own_from_;
  std::string claim_from_;
  clock::time_point claim_due_;
};

} // namespace

std::unique_ptr<consumer> make_redis_consumer(queue_address from, const consumer_settings& settings, stop_flag stop) {
  return std::make_unique<redis_consumer>(std::move(from), settings, std::move(stop));
}

} // namespace waybill::brokers
