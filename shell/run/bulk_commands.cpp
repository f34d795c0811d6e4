#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "domain/text/unicode.hpp"
#include "domain/webhook/endpoint.hpp"
#include "messages/bulk_actions.hpp"
#include "shell/run/executor.hpp"
#include "shell/views/order_views.hpp"
#include "shell/views/system_views.hpp"

#include <algorithm>
#include <iostream>
#include <string>
#include <thread>
#include <unistd.h>

// What is wrong with many orders or messages, and what is done about all of them.

namespace waybill::shell {

namespace {

using namespace std::chrono_literals;

constexpr auto poll_interval = 200ms;

/// `Cancel 37 orders (the oldest ord_...)? [y/N] `
std::string question_for(const bulk_command& command, const std::vector<order_id>& orders, bool more) {
  std::string verb{name_of(command.action)};
  verb.front() = static_cast<char>(verb.front() - 'a' + 'A');
  return verb + ' ' + std::to_string(orders.size()) + (orders.size() == 1 ? " order (" : " orders (the first is ")
         + orders.front().value + (more ? "; others are selected as well and left as they are)" : ")") + "? [y/N] ";
}

} // namespace

result<executor::selected_orders> executor::select(const order_selection& where, std::size_t limit) {
  // A page that looks for something may be short, even empty.
  constexpr int most_pages = 50;
  const auto changed_before = now() - where.older_than;
  auto query = where.query;
  query.limit = max_listed_ids;
  if (where.older_than.count() > 0 && (!query.created_before || *query.created_before > changed_before))
    query.created_before = changed_before;
  selected_orders selected;
  for (int number = 0; number < most_pages; ++number) {
    const auto page = node_.ask(query);
    if (page.has_error())
      return page.error();
    selected.more = page->more;
    for (const auto& text : page->states) {
      auto order = decode<order::state>(text);
      if (order.has_error())
        return order.error();
      query.cursor_time = order->created_at;
      query.cursor_id = order->id.value;
      if (where.older_than.count() > 0 && order->updated_at > changed_before)
        continue;
      if (selected.orders.size() == limit) {
        selected.more = true;
        return selected;
      }
      selected.orders.push_back(std::move(*order));
    }
    if (page->next) {
      query.cursor_time = page->next->time;
      query.cursor_id = page->next->id;
    }
    if (!page->more)
      return selected;
  }
  return selected;
}

bool executor::confirm(const std::string& question, bool yes) {
  if (yes)
    return true;
  if (::isatty(STDIN_FILENO) == 0) {
    complain({ec::invalid_argument, "nobody can be asked here: --yes does it without a question"});
    return false;
  }
  std::cerr << escape_control_characters(question) << std::flush;
  std::string answer;
  return std::getline(std::cin, answer) && (answer == "y" || answer == "Y" || answer == "yes");
}

int executor::operator()(const stuck_command& command) {
  const auto selected = select(command.where, command.limit);
  if (selected.has_error())
    return complain(selected.error());
  const auto troubles = troubles_of_all();
  print(render_stuck(selected->orders, now(), selected->more, troubles, format_));
  // Sentences, which have no width.
  width_ = 0;
  return format_ == output_format::table ? print(render_troubles(troubles)) : 0;
}

int executor::operator()(const bulk_command& command) {
  start_bulk_action request{.id = bulk_action_id{std::string{bulk_action_id::prefix()} + make_id_suffix()},
                            .action = command.action,
                            .outcome = command.outcome,
                            .reason = command.reason,
                            .dry_run = command.dry_run,
                            .more = false,
                            .orders = {},
                            .fingerprint = {},
                            .origin = origin()};
  for (const auto& id : command.ids)
    request.orders.emplace_back(id);
  if (command.where) {
    const auto selected = select(*command.where, bulk::max_orders);
    if (selected.has_error())
      return complain(selected.error());
    request.more = selected->more;
    for (const auto& order : selected->orders)
      request.orders.push_back(order.id);
  }
  if (request.orders.empty())
    return complain({ec::not_found, "no order is selected"});
  if (!command.dry_run && !confirm(question_for(command, request.orders, request.more), command.yes))
    return 1;
  const auto started = node_.ask(request);
  if (started.has_error())
    return complain(started.error());
  const auto ended = await_end(started->bulk_action);
  if (ended.has_error())
    return complain(ended.error());
  print(render(*ended, format_));
  return bulk::count_of(*ended, bulk::item_status::done) == ended->items.size() ? 0 : 1;
}

/// Ctrl-C stops the action: orders that were begun are waited for.
result<bulk::state> executor::await_end(bulk::state action) {
  const bool shows_progress = ::isatty(STDERR_FILENO) != 0;
  bool stopped = false;
  const interruptible guard;
  while (bulk::is_under_way(action)) {
    if (!stopped)
      guard.pause(poll_interval);
    else
      std::this_thread::sleep_for(poll_interval);
    if (guard.was_interrupted() && !stopped) {
      stopped = true;
      std::cerr << "stopping: what was begun is waited for\n";
      if (const auto told = node_.ask(stop_bulk_action{action.id, origin()}); told.has_error())
        return told.error();
    }
    auto present = node_.ask(get_bulk_action{action.id});
    if (present.has_error())
      return present.error();
    action = std::move(*present);
    if (shows_progress)
      std::cerr << '\r' << bulk::count_of(action, bulk::item_status::done) << " done, "
                << bulk::count_of(action, bulk::item_status::refused) << " refused, of " << action.items.size()
                << "\x1b[K" << (bulk::is_under_way(action) ? "" : "\n") << std::flush;
  }
  return action;
}

int executor::operator()(const dead_letters_command& command) {
  constexpr std::uint32_t most_endpoints = 200;
  constexpr std::uint32_t most_messages = 200;
  const auto endpoints = node_.ask(list_webhooks{{}, most_endpoints});
  if (endpoints.has_error())
    return complain(endpoints.error());
  std::vector<webhook_delivery_row> messages;
  bool more = endpoints->more;
  for (const auto& stored : endpoints->webhooks) {
    const auto endpoint = decode<webhook::state>(stored.state);
    if (endpoint.has_error())
      return complain(endpoint.error());
    list_webhook_deliveries query;
    query.endpoint = endpoint->id.value;
    query.status = webhook::delivery_status::failed;
    query.limit = most_messages;
    const auto page = node_.ask(query);
    if (page.has_error())
      return complain(page.error());
    more = more || page->more;
    std::ranges::copy(page->deliveries, std::back_inserter(messages));
  }
  if (!command.retry)
    return print(render_dead_letters(messages, more, format_));
  std::erase_if(messages, [&](const webhook_delivery_row& row) {
    return !command.all && std::ranges::find(command.messages, row.message) == command.messages.end();
  });
  if (messages.empty())
    return complain({ec::not_found, "there is no such message among those that failed"});
  if (!confirm("Send " + std::to_string(messages.size()) + " messages again? [y/N] ", command.yes))
    return 1;
  for (auto& row : messages) {
    auto sent = node_.ask(retry_webhook_delivery{webhook_id{row.endpoint}, row.message, origin()});
    if (sent.has_error())
      return complain(sent.error());
    row = std::move(*sent);
  }
  return print(render_dead_letters(messages, false, format_));
}

} // namespace waybill::shell
