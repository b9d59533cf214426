// Package mlog stands in for the logging package of the same path, which the
// workload identity webhook imports and which is not published as a Go module
// everywhere. It has the functions that the webhook calls, over log/slog.
package mlog

import (
	"context"
	"log/slog"
	"os"

	"github.com/go-logr/logr"
)

type (
	LogLevel  string
	LogFormat string
	LogSpec   struct {
		Level  LogLevel
		Format LogFormat
	}
	Logger struct{ *slog.Logger }
)

const (
	LevelWarning LogLevel  = ""
	LevelInfo    LogLevel  = "info"
	LevelDebug   LogLevel  = "debug"
	LevelTrace   LogLevel  = "trace"
	LevelAll     LogLevel  = "all"
	FormatJSON   LogFormat = "json"
)

var root = slog.New(slog.NewJSONHandler(os.Stderr, nil))

func New() Logger                                                            { return Logger{root} }
func Setup() func()                                                          { return func() {} }
func Enabled(level LogLevel) bool                                            { return level == LevelInfo }
func Logr() logr.Logger                                                      { return logr.FromSlogHandler(root.Handler()) }
func ValidateAndSetLogLevelAndFormatGlobally(context.Context, LogSpec) error { return nil }

func Fatal(err error) {
	root.Error(err.Error())
	os.Exit(1)
}

func (l Logger) WithName(name string) Logger    { return Logger{l.Logger.With("logger", name)} }
func (l Logger) WithValues(pairs ...any) Logger { return Logger{l.Logger.With(pairs...)} }
func (l Logger) Error(text string, err error, pairs ...any) {
	l.Logger.Error(text, append(pairs, "error", err)...)
}
