#include "tests/cluster/chaos/checker.hpp"

#include "domain/json/codec.hpp"
#include "domain/order/order.hpp"

#include <algorithm>
#include <csignal>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

namespace waybill::chaos {

namespace {

bool places(const exchange& exchange) {
  return exchange.kind == request_kind::place || exchange.kind == request_kind::race;
}

bool is_final_word(std::string_view status) {
  return status == "completed" || status == "rejected" || status == "cancelled";
}

std::string describe(const exchange& exchange) {
  auto text = std::string{word_of(exchange.kind)} + " " + exchange.label + " at gateway "
              + std::to_string(exchange.gateway + 1) + " (" + to_rfc3339(exchange.began) + " to "
              + to_rfc3339(exchange.ended) + "): ";
  text += exchange.status == 0 ? "no answer" : std::to_string(exchange.status);
  if (!exchange.trouble.empty())
    text += " " + exchange.trouble;
  if (exchange.seen.size() == 1)
    text += " " + exchange.seen.front().id + " version " + std::to_string(exchange.seen.front().version) + " "
            + exchange.seen.front().status;
  return text;
}

bool may_answer(const exchange& exchange) {
  switch (exchange.status) {
    case 0:
    case 503: return true;
    case 200: return !places(exchange) && exchange.kind != request_kind::reuse_key;
    case 201: return places(exchange);
    case 202: return exchange.kind == request_kind::cancel;
    case 409:
      return exchange.kind == request_kind::cancel ? exchange.trouble == "illegal_transition"
                                                   : places(exchange) && exchange.trouble == "idempotency_in_progress";
    case 422: return exchange.kind == request_kind::reuse_key && exchange.trouble == "idempotency_key_reused";
    default: return false;
  }
}

/// By label, the exchanges that were answered with 201.
std::map<std::string, std::vector<const exchange*>> accepted_by_label(const history& seen) {
  std::map<std::string, std::vector<const exchange*>> all;
  for (const auto& exchange : seen.exchanges)
    if (places(exchange) && exchange.status == 201 && !exchange.seen.empty())
      all[exchange.label].push_back(&exchange);
  return all;
}

/// A gateway that takes no connections is one that a load balancer leaves out.
bool failed_in_a_drain(const exchange& exchange) {
  return exchange.status >= 500 || (exchange.status == 0 && !exchange.trouble.starts_with("connecting to"));
}

} // namespace

std::vector<violation> check_contract(const history& seen) {
  std::vector<violation> violations;
  for (const auto& exchange : seen.exchanges) {
    if (!may_answer(exchange) && !(exchange.status == 404 && exchange.kind != request_kind::list))
      violations.push_back({"contract", "an answer that nobody expects: " + describe(exchange)});
    if (exchange.status == 503 && !exchange.has_retry_after)
      violations.push_back({"G9", "503 without Retry-After: " + describe(exchange)});
    if (exchange.kind == request_kind::read && exchange.status == 200 && exchange.etag != exchange.seen.front().version)
      violations.push_back(
        {"contract", "the ETag " + std::to_string(exchange.etag) + " is not the version: " + describe(exchange)});
  }
  return violations;
}

std::vector<violation> check_keys(const history& seen) {
  std::vector<violation> violations;
  for (const auto& [label, answers] : accepted_by_label(seen)) {
    const auto& first = *answers.front();
    const exchange* fresh = nullptr;
    for (const auto* exchange : answers) {
      if (exchange->seen.front().id != first.seen.front().id)
        violations.push_back({"G3 I6", "one key, two orders: " + describe(first) + "; " + describe(*exchange)});
      else if (exchange->digest != first.digest)
        violations.push_back({"G3", "one key, two answers: " + describe(first) + "; " + describe(*exchange)});
      if (exchange->replayed)
        continue;
      if (fresh != nullptr)
        violations.push_back(
          {"G3", "two answers that are no replay: " + describe(*fresh) + "; " + describe(*exchange)});
      fresh = exchange;
    }
  }
  return violations;
}

std::vector<violation> check_reads(const history& seen) {
  std::vector<violation> violations;
  // Lists come from elsewhere than single orders: each is held to itself.
  using view = std::tuple<request_kind, std::size_t, std::size_t, std::string>;
  std::map<view, const exchange*> last;
  std::map<view, sight> best;
  std::vector<const exchange*> in_order;
  for (const auto& exchange : seen.exchanges)
    if (exchange.kind == request_kind::read || exchange.kind == request_kind::list
        || exchange.kind == request_kind::history)
      in_order.push_back(&exchange);
  std::ranges::sort(in_order, {}, [](const exchange* exchange) { return exchange->began; });
  for (const auto* exchange : in_order) {
    if (exchange->status == 404)
      violations.push_back({"reads", "an accepted order is not found: " + describe(*exchange)});
    if (exchange->kind == request_kind::history) {
      std::map<std::string, std::uint64_t> versions;
      for (const auto& event : exchange->seen)
        if (event.version != ++versions[event.id])
          violations.push_back({"G6", "a gap before version " + std::to_string(event.version) + " of " + event.id
                                        + " in " + describe(*exchange)});
      continue;
    }
    for (const auto& order : exchange->seen) {
      const view key{exchange->kind, exchange->gateway, exchange->reader, order.id};
      const auto before = best.find(key);
      // Two that were under way at once may be answered in any order.
      if (before != best.end() && last[key]->ended <= exchange->began) {
        if (order.version < before->second.version)
          violations.push_back({"reads", "version " + std::to_string(order.version) + " of " + order.id
                                           + " after version " + std::to_string(before->second.version) + ": "
                                           + describe(*last[key]) + "; then " + describe(*exchange)});
        else if (is_final_word(before->second.status) && order.status != before->second.status)
          violations.push_back({"reads", order.id + " was " + before->second.status + " and is " + order.status + ": "
                                           + describe(*last[key]) + "; then " + describe(*exchange)});
      }
      if (before == best.end() || order.version >= before->second.version) {
        best[key] = order;
        last[key] = exchange;
      }
    }
  }
  return violations;
}

std::vector<violation> check_accepted(const history& seen, const test::stored_contents& stores) {
  std::vector<violation> violations;
  for (const auto& [label, answers] : accepted_by_label(seen)) {
    std::set<std::string> ids;
    for (const auto* exchange : answers) {
      const auto& id = exchange->seen.front().id;
      if (!ids.insert(id).second)
        continue;
      const auto stream = stores.stream(id);
      if (stream.empty() || stream.front()->version != 1) {
        violations.push_back({"G1", "accepted, and not in the log: " + describe(*exchange)});
        continue;
      }
      const auto first = decode_event<order::event>(stream.front()->type, stream.front()->schema, stream.front()->data);
      const auto* placed = first ? std::get_if<order::placed>(&*first) : nullptr;
      if (placed == nullptr || placed->note != label)
        violations.push_back({"G1", "the log has another order under its id: " + describe(*exchange)});
      const auto row = stores.order_rows.find(id);
      const auto status = row == stores.order_rows.end() ? std::string{"not listed"} : row->second.status;
      if (!is_final_word(status) && status != "needs_attention")
        violations.push_back({"I8 G7", id + " is " + status + " long after everything healed: its last event is "
                                         + stream.back()->type + " of " + to_rfc3339(stream.back()->at) + "; "
                                         + describe(*exchange)});
    }
  }
  return violations;
}

namespace {

/// A cancellation under way, 202, is taken back when a courier turns out to be quicker; the order says so afterwards.
bool was_taken_back(const exchange& cancel, const test::stored_contents& stores) {
  const auto& answered = cancel.seen.front();
  const auto stream = stores.stream(answered.id);
  return cancel.status == 202 && answered.status == "cancelling"
         && std::any_of(stream.begin(), stream.end(), [&](const auto* event) {
              return event->version > answered.version && event->type == order::cancel_refused::type;
            });
}

} // namespace

std::vector<violation> check_cancels(const history& seen, const test::stored_contents& stores) {
  std::vector<violation> violations;
  for (const auto& exchange : seen.exchanges) {
    if (exchange.kind != request_kind::cancel || (exchange.status != 200 && exchange.status != 202)
        || exchange.seen.empty())
      continue;
    const auto row = stores.order_rows.find(exchange.seen.front().id);
    const auto status = row == stores.order_rows.end() ? std::string{"not there"} : row->second.status;
    const bool attended = exchange.status == 202 && status == "needs_attention";
    if (status != "cancelled" && !attended && !was_taken_back(exchange, stores))
      violations.push_back({"cancel", "the order is " + status + " in the end: " + describe(exchange)});
  }
  return violations;
}

std::vector<violation> check_processes(const history& seen) {
  std::vector<violation> violations;
  // A node may refuse to start without its database: its supervisor starts it again.
  for (const auto& process : seen.ended)
    if (!process.asked && process.served)
      violations.push_back({"processes", process.node + " ended by itself at " + to_rfc3339(process.at) + " with "
                                           + std::to_string(process.code) + ": " + process.last_words});
    // Nothing but the system handles the signal before main() begins, on a busy machine a second after the start.
    else if (process.asked && process.code != 0 && (process.served || process.code != -SIGTERM))
      violations.push_back({"drain", process.node + " was asked to end and ended with " + std::to_string(process.code)
                                       + " at " + to_rfc3339(process.at) + ": " + process.last_words});
  for (const auto& node : seen.not_ready)
    violations.push_back({"processes", node});
  return violations;
}

std::vector<violation> check_drains(const history& seen) {
  std::vector<violation> violations;
  for (const auto& drain : seen.incidents) {
    if (!drain.alone || !drains(drain.injected.kind))
      continue;
    for (const auto& exchange : seen.exchanges)
      if (exchange.began >= drain.began && exchange.began <= drain.healed && failed_in_a_drain(exchange))
        violations.push_back({"drain", "during '" + describe(drain.injected) + "': " + describe(exchange)});
  }
  return violations;
}

std::vector<violation> check_all(const history& seen, const test::stored_contents& stores) {
  std::vector<violation> all;
  for (auto&& part : {check_contract(seen), check_keys(seen), check_reads(seen), check_accepted(seen, stores),
                      check_cancels(seen, stores), check_followers(seen, stores), check_processes(seen),
                      check_causes(stores), check_freshness(seen), check_restored(seen), check_foreign(seen),
                      check_revoked(seen, schedule_settings{}.revoked_within), check_pasts(seen)})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

} // namespace waybill::chaos
