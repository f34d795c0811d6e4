#pragma once

#include "domain/json/codec.hpp"
#include "gateway/context/context.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/view_text.hpp"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

/// What the routes of webhook endpoints and of sinks share. `write` shows one to clients.
namespace waybill::http::routes {

/// The member `status` of a change: whether it is to be enabled. Nothing when it is missing.
std::optional<bool> read_enabled(object_reader& from);

/// What an entity refuses is reported at the field that `at_field` finds.
template <class View>
task<View> refused_at_field(task<View> asked, problem (*at_field)(const problem&)) {
  try {
    co_return co_await std::move(asked);
  } catch (const problem& error) {
    if (error.status == 422 && error.errors.empty())
      throw at_field(error);
    throw;
  }
}

/// Its tag changes with its progress as well, which is no new version.
template <class View>
response follower_response(const request& req, const View& shown, void (*write)(json_writer&, const View&)) {
  auto text = text_of(write, shown);
  const auto tag = etag_of(shown.state.version, text);
  return resource(req, std::move(text), tag);
}

/// A page of what is stored of them. `list`: its name in cursors.
template <class Stored, class View>
response follower_list(const request& req, std::string_view list, const std::vector<Stored>& page, bool more,
                       void (*write)(json_writer&, const View&)) {
  const auto write_stored = [write](json_writer& out, const Stored& row) {
    auto state = decode<decltype(View::state)>(row.state);
    if (!state)
      throw to_problem(state.error());
    write(out, {std::move(*state), row.progress});
  };
  return list_response(req, array_of(page, write_stored),
                       more && !page.empty() ? to_cursor(list, {{}, page.back().progress.id}) : "");
}

} // namespace waybill::http::routes
