#include "functions/sandbox.hpp"

#include "functions/allocation.hpp"
#include "functions/call_state.hpp"
#include "functions/library/library.hpp"
#include "functions/values.hpp"

#include "domain/base/number.hpp"
#include "domain/json/json_parse.hpp"
#include "domain/json/utf8.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

namespace waybill::sandbox {

namespace json = boost::json;

namespace {

/// How Lua names the source in its messages: `source:3: ...`.
constexpr const char* chunk_name = "=source";
constexpr std::string_view chunk_prefix = "source:";
/// Instructions between two looks of the hook.
constexpr int hook_interval = 32;
constexpr std::size_t longest_message = 1'000;

void on_count(lua_State* lua, lua_Debug*) {
  lua_Debug frame{};
  if (lua_getstack(lua, state_of(lua).allowed.depth, &frame) != 0)
    note_end(state_of(lua), exhausted::depth);
  // One instruction may work on texts for long: the clock is looked at each time.
  if (!state_of(lua).work.spend(hook_interval) || !state_of(lua).work.look())
    raise_end(lua);
}

/// One state of Lua for one call.
class script_call {
public:
  explicit script_call(const limits& allowed) : call_{allowed} {
    lua_.reset(lua_newstate(allocate, &call_));
    if (!lua_)
      return;
    *static_cast<call_state**>(lua_getextraspace(lua_.get())) = &call_;
    call_.lua = lua_.get();
  }

  /// Runs `work(lua)` protected; false when it has ended with an error, which is on the stack then.
  template <class Work>
  bool protect(Work work) {
    if (!lua_)
      return false;
    lua_settop(lua_.get(), 0);
    lua_pushcfunction(lua_.get(), &script_call::note_line);
    lua_pushcfunction(lua_.get(), &script_call::call_work<Work>);
    lua_pushlightuserdata(lua_.get(), &work);
    return lua_pcall(lua_.get(), 1, 1, 1) == LUA_OK && call_.work.why() == exhausted::nothing;
  }

  lua_State* lua() const noexcept { return lua_.get(); }

  /// Of what has ended with an error.
  script_error error(error_kind kind) const {
    if (!lua_)
      return {error_kind::memory, "there is no memory for it", 0};
    switch (call_.work.why()) {
      case exhausted::steps: return {error_kind::steps, "it takes too many steps: does it end?", call_.line};
      case exhausted::time: return {error_kind::time, "it takes too long", call_.line};
      case exhausted::memory: return {error_kind::memory, "it needs too much memory", call_.line};
      case exhausted::depth: return {error_kind::depth, "its calls are nested too deep: does it end?", call_.line};
      case exhausted::nothing: break;
    }
    return raised(kind);
  }

private:
  struct closer {
    void operator()(lua_State* lua) const noexcept { lua_close(lua); }
  };

  template <class Work>
  static int call_work(lua_State* lua) {
    auto* work = static_cast<Work*>(lua_touserdata(lua, 1));
    lua_settop(lua, 0);
    (*work)(lua);
    return 1;
  }

  /// Called where an error is raised that nothing catches.
  static int note_line(lua_State* lua) {
    auto& call = state_of(lua);
    if (call.line == 0)
      call.line = current_line(lua);
    return 1;
  }

  /// The message as Lua made it, whose front says where it was raised.
  script_error raised(error_kind kind) const {
    script_error error{kind, "it raised an error that has no message", call_.line};
    std::string_view text;
    if (lua_type(lua_.get(), -1) == LUA_TSTRING) {
      std::size_t size = 0;
      const char* first = lua_tolstring(lua_.get(), -1, &size);
      text = {first, size};
    }
    if (text.starts_with(chunk_prefix)) {
      const auto behind = text.substr(chunk_prefix.size());
      const auto colon = behind.find(": ");
      if (const auto line = parse_number<std::uint32_t>(behind.substr(0, colon)); line && colon != behind.npos) {
        error.line = *line;
        text = behind.substr(colon + 2);
      }
    }
    // The parser is a recursive one, and says this without a line.
    if (kind == error_kind::source && text == "C stack overflow")
      text = "its blocks or expressions are nested too deep";
    if (text.size() > longest_message)
      text = text.substr(0, longest_message);
    while (!text.empty() && !is_utf8(text) && text.size() > longest_message - 4)
      text.remove_suffix(1);
    if (!text.empty())
      error.message = is_utf8(text) ? std::string{text} : "it raised an error whose message is not UTF-8";
    return error;
  }

  call_state call_;
  std::unique_ptr<lua_State, closer> lua_;
};

/// Pushes the compiled source. Never bytecode, whose meaning Lua does not check.
void compile(lua_State* lua, std::string_view source) {
  if (luaL_loadbufferx(lua, source.data(), source.size(), chunk_name, "t") != LUA_OK)
    lua_error(lua);
}

std::optional<script_error> refuse_source(std::string_view source) {
  if (source.size() > max_source)
    return script_error{error_kind::source, "it has more than " + std::to_string(max_source) + " octets", 0};
  if (!is_utf8(source))
    return script_error{error_kind::source, "it is not UTF-8", 0};
  return std::nullopt;
}

/// Whether Lua can hold all whole numbers in it.
bool has_lua_numbers(const json::value& value) {
  if (value.is_uint64())
    return value.get_uint64() <= static_cast<std::uint64_t>(std::numeric_limits<lua_Integer>::max());
  if (const auto* items = value.if_array())
    return std::ranges::all_of(*items, has_lua_numbers);
  if (const auto* members = value.if_object())
    return std::ranges::all_of(*members, [](const auto& member) { return has_lua_numbers(member.value()); });
  return true;
}

outcome failed(script_error error) {
  return {{}, std::move(error)};
}

} // namespace

std::optional<script_error> check(std::string_view source, const limits& allowed) {
  if (auto refused = refuse_source(source))
    return refused;
  script_call call{allowed};
  if (call.protect([&](lua_State* lua) { compile(lua, source); }))
    return std::nullopt;
  return call.error(error_kind::source);
}

outcome run(std::string_view source, std::string_view input, const limits& allowed) {
  if (auto refused = refuse_source(source))
    return failed(std::move(*refused));
  const auto given = parse_json(input);
  if (!given)
    return failed({error_kind::input, given.error().detail, 0});
  if (!has_lua_numbers(*given))
    return failed({error_kind::input, "a whole number in the input is too large", 0});
  script_call call{allowed};
  const auto prepare = [&](lua_State* lua) {
    open_library(lua);
    push_json(lua, *given);
    lua_setglobal(lua, "input");
    lua_pushnil(lua);
  };
  if (!call.protect(prepare))
    return failed(call.error(error_kind::input));
  // Kept in the registry, because each protected step begins with an empty stack.
  static constexpr char compiled = 0;
  const auto load = [&](lua_State* lua) {
    compile(lua, source);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &compiled);
    lua_pushnil(lua);
  };
  if (!call.protect(load))
    return failed(call.error(error_kind::source));
  const auto carry_out = [](lua_State* lua) {
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &compiled);
    lua_sethook(lua, on_count, LUA_MASKCOUNT, hook_interval);
    lua_callk(lua, 0, 1, 0, nullptr);
    lua_sethook(lua, nullptr, 0, 0);
  };
  if (!call.protect(carry_out))
    return failed(call.error(error_kind::raised));
  outcome done;
  if (auto why = append_value(call.lua(), done.result); !why.empty())
    return failed({error_kind::result, "what it returns is no JSON: " + why, 0});
  return done;
}

std::string to_text(const script_error& error) {
  return error.line == 0 ? error.message : "line " + std::to_string(error.line) + ": " + error.message;
}

} // namespace waybill::sandbox
