#include "shell/terminal.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <histedit.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace waybill::shell {

namespace {

constexpr int history_lines = 1'000;

const char* prompt(EditLine*) {
  static const char text[] = "waybill> ";
  return text;
}

/// What all words have in common at their start.
std::string common_start(const std::vector<std::string>& words) {
  auto common = words.front();
  for (const auto& word : words) {
    const auto [end, other] = std::ranges::mismatch(common, word);
    common.erase(end, common.end());
  }
  return common;
}

} // namespace

class terminal::impl {
public:
  explicit impl(std::function<std::vector<std::string>(std::string_view)> complete)
    : complete_(std::move(complete)), history_(::history_init()), path_(history_path()) {
    HistEvent event;
    ::history(history_, &event, H_SETSIZE, history_lines);
    ::history(history_, &event, H_SETUNIQUE, 1);
    if (!path_.empty())
      ::history(history_, &event, H_LOAD, path_.c_str());
    editor_ = ::el_init("waybill", stdin, stdout, stderr);
    ::el_set(editor_, EL_PROMPT, &prompt);
    ::el_set(editor_, EL_EDITOR, "emacs");
    // Ctrl-C is a key of the editor; while a command runs, it is a signal again.
    ::el_set(editor_, EL_SETTY, "-d", "-intr", nullptr);
    ::el_set(editor_, EL_SIGNAL, 1);
    ::el_set(editor_, EL_HIST, ::history, history_);
    ::el_set(editor_, EL_CLIENTDATA, this);
    ::el_set(editor_, EL_ADDFN, "waybill-complete", "complete the word", &impl::on_tabulator);
    ::el_set(editor_, EL_BIND, "^I", "waybill-complete", nullptr);
    ::el_set(editor_, EL_ADDFN, "waybill-clear", "drop the line", &impl::on_interrupt);
    ::el_set(editor_, EL_BIND, "^C", "waybill-clear", nullptr);
  }

  ~impl() {
    ::el_end(editor_);
    ::history_end(history_);
  }

  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  std::optional<std::string> read_line() {
    // Before the prompt is there: who answers it at once with Ctrl-C would end the shell.
    ::el_set(editor_, EL_PREP_TERM, 1);
    int length = 0;
    const char* text = ::el_gets(editor_, &length);
    if (text == nullptr || length <= 0)
      return std::nullopt;
    std::string line(text, static_cast<std::size_t>(length));
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
      line.pop_back();
    if (line.find_first_not_of(" \t") != std::string::npos) {
      HistEvent event;
      ::history(history_, &event, H_ENTER, line.c_str());
      save();
    }
    return line;
  }

private:
  static unsigned char on_interrupt(EditLine* editor, int) {
    const LineInfo* info = ::el_line(editor);
    ::el_cursor(editor, static_cast<int>(info->lastchar - info->cursor));
    ::el_deletestr(editor, static_cast<int>(info->lastchar - info->buffer));
    std::puts("^C");
    return CC_REDISPLAY;
  }

  static unsigned char on_tabulator(EditLine* editor, int) {
    impl* self = nullptr;
    ::el_get(editor, EL_CLIENTDATA, &self);
    const LineInfo* info = ::el_line(editor);
    const std::string_view before{info->buffer, static_cast<std::size_t>(info->cursor - info->buffer)};
    const auto words = self->complete_(before);
    if (words.empty())
      return CC_ERROR;
    const auto blank = before.find_last_of(" \t");
    const auto begun = before.size() - (blank == std::string_view::npos ? 0 : blank + 1);
    auto common = common_start(words);
    if (words.size() == 1 && !common.ends_with('/'))
      common += ' ';
    if (common.size() > begun)
      return ::el_insertstr(editor, common.c_str() + begun) == 0 ? CC_REFRESH : CC_ERROR;
    std::string list = "\n";
    for (const auto& word : words)
      list += word + "  ";
    std::puts(list.c_str());
    return CC_REDISPLAY;
  }

  /// After each line, for its user's eyes only: what is typed may hold names and reasons. A history that cannot be kept
  /// is no reason to fail.
  void save() {
    if (path_.empty())
      return;
    const auto mask = ::umask(S_IRWXG | S_IRWXO);
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path{path_}.parent_path(), ignored);
    HistEvent event;
    ::history(history_, &event, H_SAVE, path_.c_str());
    ::umask(mask);
    ::chmod(path_.c_str(), S_IRUSR | S_IWUSR);
  }

  std::function<std::vector<std::string>(std::string_view)> complete_;
  History* history_;
  EditLine* editor_ = nullptr;
  std::string path_;
};

terminal::terminal(std::function<std::vector<std::string>(std::string_view)> complete)
  : impl_(std::make_unique<impl>(std::move(complete))) {}

terminal::~terminal() = default;

std::optional<std::string> terminal::read_line() {
  return impl_->read_line();
}

std::string history_path() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state != '\0')
    return std::string{state} + "/waybill/history";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
    return std::string{home} + "/.local/state/waybill/history";
  return {};
}

} // namespace waybill::shell
