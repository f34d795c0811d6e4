#include "actors/webhooks/webhook_entity.hpp"

#include <algorithm>

// The delivery log of an endpoint, and how it is written: one write is under way at a time and carries all that has
// changed meanwhile.

namespace waybill {

namespace {

constexpr std::uint32_t sweep_batch = 500;

} // namespace

// -- the delivery log -------------------------------------------------------------------------------------------------

void webhook_entity::sweep() {
  if (!may_work() || sweeping_ || now() < *sweep_at_)
    return;
  sweeping_ = true;
  list_webhook_deliveries query;
  query.endpoint = id();
  query.ended_before = now() - settings_.keep;
  query.limit = sweep_batch;
  self()
    ->request(services().reader, caf::infinite, std::move(query))
    .then(
      [this, generation = generation_](webhook_delivery_page& page) {
        if (generation != generation_)
          return;
        for (const auto& row : page.deliveries)
          next_.forgotten.push_back(row.position);
        next_.swept = !page.deliveries.empty() || progress_changed_;
        sweeping_ = next_.swept;
        sweep_at_ = page.more ? now() : now() + settings_.sweep;
        go_on();
      },
      [this, generation = generation_](const caf::error&) {
        if (generation != generation_)
          return;
        sweeping_ = false;
        rest();
      });
}

/// What is left of a deleted endpoint goes in batches; the last one ends its life.
void webhook_entity::purge_log() {
  if (sweeping_ || writing_ || (rest_until_ && *rest_until_ > now()))
    return;
  sweeping_ = true;
  backlog_ = {};
  next_ = {};
  list_webhook_deliveries query;
  query.endpoint = id();
  query.limit = sweep_batch;
  self()
    ->request(services().reader, caf::infinite, std::move(query))
    .then(
      [this, generation = generation_](webhook_delivery_page& page) {
        if (generation != generation_)
          return;
        if (page.deliveries.empty()) {
          sweeping_ = false;
          execute(webhook::purge{}, own_origin(), {});
          return;
        }
        for (const auto& row : page.deliveries)
          next_.forgotten.push_back(row.position);
        next_.swept = true;
        write();
      },
      [this, generation = generation_](const caf::error&) {
        if (generation != generation_)
          return;
        sweeping_ = false;
        rest();
      });
}

// -- writing down -----------------------------------------------------------------------------------------------------

webhook_progress webhook_entity::progress_with(const plan& what) const {
  auto progress = progress_;
  progress.cursor = what.cursor.value_or(progress.cursor);
  progress.replayed_to = what.replayed_to.value_or(progress.replayed_to);
  progress.backlog = static_cast<std::uint32_t>(backlog_.pending() + what.added.size());
  progress.needed_after = progress.cursor;
  if (const auto lowest = backlog_.lowest())
    progress.needed_after = std::min(progress.needed_after, just_before(*lowest));
  for (const auto& [row, event] : what.added)
    progress.needed_after = std::min(progress.needed_after, just_before(row.position));
  if (state().replay)
    progress.needed_after = std::min(progress.needed_after, progress.replayed_to);
  return progress;
}

bool webhook_entity::is_wanted_again(const plan& what, log_position position) const {
  return backlog_.contains(position) || std::any_of(what.added.begin(), what.added.end(), [&](const auto& one) {
           return one.first.position == position;
         });
}

void webhook_entity::write() {
  // Whoever leaves has no time to rest, and nobody who wakes them.
  const bool rests = !leaving_ && rest_until_ && *rest_until_ > now();
  if (writing_ || rests || !services().may_serve() || (next_.is_empty() && !next_.swept && !backlog_.any_dirty()))
    return;
  writing_ = true;
  progress_changed_ = false;
  auto what = std::make_shared<plan>(std::exchange(next_, {}));
  append request;
  request.kind = entity_kind::webhook;
  request.at = now();
  request.origin = own_origin();
  auto rows = backlog_.take_dirty();
  for (const auto& row : rows)
    request.rows.emplace_back(row);
  for (const auto& [row, event] : what->added)
    request.rows.emplace_back(row);
  for (const auto position : what->forgotten)
    if (!is_wanted_again(*what, position))
      request.rows.emplace_back(webhook_delivery_forgotten{id(), position});
  request.rows.emplace_back(progress_with(*what));
  const auto& journal = services().journals[shard_of(id()) % services().journals.size()];
  self()
    ->request(journal, caf::infinite, std::move(request))
    .then(
      [this, generation = generation_, what](const appended&) {
        if (generation != generation_)
          return;
        writing_ = false;
        on_written(*what);
      },
      [this, generation = generation_, what, rows = std::move(rows)](const caf::error& reason) {
        if (generation != generation_)
          return;
        writing_ = false;
        on_not_written(*what, rows, to_failure(reason));
      });
}

void webhook_entity::on_written(plan& what) {
  backlog_.drop_ended();
  for (auto& [row, event] : what.added)
    backlog_.add(std::move(row), std::move(event));
  if (what.cursor) {
    progress_.cursor = *what.cursor;
    reading_ = false;
  }
  if (what.replayed_to) {
    progress_.replayed_to = *what.replayed_to;
    replaying_ = false;
  }
  if (what.swept)
    sweeping_ = false;
  for (const auto& done : what.done)
    done(nullptr);
  if (what.replay_ended)
    execute(webhook::end_replay{}, own_origin(), {});
  if (leaving_) {
    write();
    end_if_retired();
    return;
  }
  go_on();
}

/// What was read is read again; a message that was sent is not sent again for it.
void webhook_entity::on_not_written(const plan& what, const std::vector<webhook_delivery_row>& rows,
                                    const failure& reason) {
  log_warning("webhook endpoint {} could not write down how far it is, trying again: {}", id(), reason.detail);
  backlog_.mark_dirty(rows);
  if (what.cursor)
    reading_ = false;
  if (what.replayed_to)
    replaying_ = false;
  if (what.swept)
    sweeping_ = false;
  for (const auto& done : what.done)
    done(&reason);
  if (leaving_) {
    // The new owner sends these again.
    backlog_ = {};
    end_if_retired();
    return;
  }
  rest();
}

} // namespace waybill
