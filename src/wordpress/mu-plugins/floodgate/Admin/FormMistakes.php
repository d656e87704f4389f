<?php

declare(strict_types=1);

namespace Floodgate\Admin;

/** What is wrong in a form: one sentence for each input, shown at the input and in a summary that leads there. */
final class FormMistakes
{
    /** @var array<string, string> sentence by the input's name */
    private array $sentences = [];
    /** @var array<string, true> by the names of inputs, in the order in which they are shown */
    private array $shown = [];

    /** The first thing that is wrong with an input is the one to say. */
    public function add(string $name, string $sentence): void
    {
        $this->sentences[$name] ??= $sentence;
    }

    public function none(): bool
    {
        return $this->sentences === [];
    }

    /** The id of an input. Those of the public form's questions have theirs already. */
    public static function id(string $name): string
    {
        return str_starts_with($name, 'answer-') ? $name : 'floodgate-' . strtr($name, '_', '-');
    }

    /** Attributes of an input: its id, its name, and where it is explained. @param bool $hint is there a description? */
    public function attributes(string $name, ?string $as = null, bool $hint = false): string
    {
        $id = self::id($name);
        $wrong = isset($this->sentences[$name]);
        $described = array_filter([$wrong ? "$id-mistake" : '', $hint ? "$id-hint" : '']);
        return sprintf('id="%s" name="%s"', esc_attr($id), esc_attr($as ?? $name))
            . ($wrong ? ' aria-invalid="true"' : '')
            . ($described === [] ? '' : sprintf(' aria-describedby="%s"', esc_attr(implode(' ', $described))));
    }

    public function at(string $name): string
    {
        $this->shown[$name] = true;
        return isset($this->sentences[$name])
            ? sprintf('<p class="floodgate-mistake" id="%s-mistake">%s</p>', esc_attr(self::id($name)), esc_html($this->sentences[$name]))
            : '';
    }

    /** A list of links to the inputs, in the order of those shown by now; it has the focus. Empty when nothing is wrong. */
    public function summary(): string
    {
        if ($this->none()) {
            return '';
        }
        $links = '';
        foreach (array_replace(array_intersect_key($this->shown, $this->sentences), $this->sentences) as $name => $sentence) {
            $links .= sprintf('<li><a href="#%s">%s</a></li>', esc_attr(self::id($name)), esc_html($sentence));
        }
        return '<div class="notice notice-error inline" role="alert" tabindex="-1" autofocus><p><strong>'
            . esc_html__('Nothing has been saved yet. Please correct this:', 'floodgate') . "</strong></p><ul>$links</ul></div>";
    }

    /** So that the page's title says it too, before anything else is read out. */
    public function inTitle(): void
    {
        add_filter('admin_title', fn (string $title): string =>
            /* translators: %s: title of the page */
            $this->none() ? $title : sprintf(__('Mistake: %s', 'floodgate'), $title));
    }
}
