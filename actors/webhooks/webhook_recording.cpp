#include "actors/webhooks/webhook_entity.hpp"

#include "domain/base/log.hpp"

#include <algorithm>

// The delivery log of an endpoint, and how it is written: one append is under way at a time; the next one carries all
// changes since.

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
    ->request(services().reader, bounded_elsewhere, std::move(query))
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

/// The delivery log of a deleted endpoint is removed in batches; after the last one the endpoint is purged.
void webhook_entity::purge_log() {
  if (sweeping_ || writing_ || rests())
    return;
  sweeping_ = true;
  backlog_ = {};
  next_ = {};
  list_webhook_deliveries query;
  query.endpoint = id();
  query.limit = sweep_batch;
  self()
    ->request(services().reader, bounded_elsewhere, std::move(query))
    .then(
      [this, generation = generation_](webhook_delivery_page& page) {
        if (generation != generation_)
          return;
        if (page.deliveries.empty()) {
          sweeping_ = false;
          sweep_at_ = now() + settings_.sweep;
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

webhook_progress webhook_entity::progress_with(const plan& written) const {
  auto progress = progress_;
  progress.cursor = written.cursor.value_or(progress.cursor);
  progress.replayed_to = written.replayed_to.value_or(progress.replayed_to);
  progress.backlog = static_cast<std::uint32_t>(backlog_.pending() + written.added.size());
  progress.needed_after = progress.cursor;
  if (const auto lowest = backlog_.lowest())
    progress.needed_after = std::min(progress.needed_after, just_before(*lowest));
  for (const auto& [row, event] : written.added)
    progress.needed_after = std::min(progress.needed_after, just_before(row.position));
  if (state().replay)
    progress.needed_after = std::min(progress.needed_after, progress.replayed_to);
  return progress;
}

bool webhook_entity::is_wanted_again(const plan& written, log_position position) const {
  return backlog_.contains(position) || std::any_of(written.added.begin(), written.added.end(), [&](const auto& entry) {
           return entry.first.position == position;
         });
}

void webhook_entity::write() {
  // An endpoint that leaves this node cannot rest: nothing would wake it.
  const bool waits = !leaving_ && rests();
  if (writing_ || waits || !services().may_serve() || (next_.is_empty() && !next_.swept && !backlog_.any_dirty()))
    return;
  writing_ = true;
  progress_changed_ = false;
  auto written = std::make_shared<plan>(std::exchange(next_, {}));
  append request;
  request.kind = entity_kind::webhook;
  request.generation = placed().generation;
  request.at = now();
  request.origin = own_origin();
  auto rows = backlog_.take_dirty();
  for (const auto& row : rows)
    request.rows.emplace_back(row);
  for (const auto& [row, event] : written->added)
    request.rows.emplace_back(row);
  for (const auto position : written->forgotten)
    if (!is_wanted_again(*written, position))
      request.rows.emplace_back(webhook_delivery_forgotten{id(), position});
  request.rows.emplace_back(progress_with(*written));
  self()
    ->request(services().journal_of(id()), bounded_elsewhere, std::move(request))
    .then(
      [this, generation = generation_, written](const appended&) {
        if (generation != generation_)
          return;
        writing_ = false;
        on_written(*written);
      },
      [this, generation = generation_, written, rows = std::move(rows)](const caf::error& reason) {
        if (generation != generation_)
          return;
        writing_ = false;
        on_not_written(*written, rows, to_failure(reason));
      });
}

void webhook_entity::on_written(plan& written) {
  backlog_.drop_ended();
  for (auto& [row, event] : written.added)
    backlog_.add(std::move(row), std::move(event));
  if (written.cursor) {
    progress_.cursor = *written.cursor;
    page_is_open_ = false;
  }
  if (written.replayed_to) {
    progress_.replayed_to = *written.replayed_to;
    replay_is_open_ = false;
  }
  if (written.swept)
    sweeping_ = false;
  for (const auto& done : written.done)
    done(nullptr);
  if (written.replay_ended)
    execute(webhook::end_replay{}, own_origin(), {});
  if (leaving_) {
    write();
    end_if_retired();
    return;
  }
  go_on();
}

/// The page of events is read again. Messages that were sent meanwhile stay in the backlog and are not sent again.
void webhook_entity::on_not_written(const plan& written, const std::vector<webhook_delivery_row>& rows,
                                    const failure& reason) {
  log_warning("webhook endpoint {} could not store its position, trying again: {}", id(), reason.detail);
  backlog_.mark_dirty(rows);
  if (written.cursor)
    page_is_open_ = false;
  if (written.replayed_to)
    replay_is_open_ = false;
  if (written.swept)
    sweeping_ = false;
  for (const auto& done : written.done)
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
