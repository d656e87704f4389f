<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Registration\Course;

/** What an organiser had saved, and a deployment has changed because the settings changed: both are shown until somebody saves. */
final class Overruled
{
    private const OPTION = 'floodgate_course_overruled';

    /**
     * Run by the install step.
     *
     * @param array<string, int|string> $applied what the settings wanted the last time, by column
     * @param array<string, int|string> $wanted what they want now
     * @return array<string, int|string> what was the organiser's own, by column
     */
    public static function note(Course $before, array $applied, array $wanted): array
    {
        $had = ['title' => $before->title, 'seats' => $before->seats, 'opens_at' => $before->opensAt];
        $overruled = array_filter($had, static fn (int|string $value, string $column): bool =>
            isset($applied[$column]) && $applied[$column] !== $wanted[$column] && $value !== $applied[$column] && $value !== $wanted[$column], ARRAY_FILTER_USE_BOTH);
        if ($overruled !== []) {
            update_option(self::OPTION, ['course' => $before->id, 'had' => $overruled + self::of($before)], false);
        }
        return $overruled;
    }

    public static function forget(Course $course): void
    {
        if (self::of($course) !== []) {
            delete_option(self::OPTION);
        }
    }

    /** @return list<string> */
    public static function sentences(Course $course): array
    {
        $sentences = [];
        foreach (self::of($course) as $column => $had) {
            [$what, $was, $is] = match ($column) {
                'title' => [__('Title', 'floodgate'), (string) $had, $course->title],
                'seats' => [__('Seats', 'floodgate'), number_format_i18n((int) $had), number_format_i18n($course->seats)],
                default => [__('Registration opens', 'floodgate'), Words::time((int) $had, $course), Words::time($course->opensAt, $course)],
            };
            /* translators: 1: name of an input, 2: what an organiser had saved, 3: what it is now */
            $sentences[] = sprintf(__('%1$s: an organiser had saved “%2$s”; the settings of the last deployment made it “%3$s”.', 'floodgate'), $what, $was, $is);
        }
        return $sentences;
    }

    /** @return array<string, int|string> */
    private static function of(Course $course): array
    {
        $kept = get_option(self::OPTION);
        return is_array($kept) && ($kept['course'] ?? null) === $course->id ? $kept['had'] : [];
    }
}
