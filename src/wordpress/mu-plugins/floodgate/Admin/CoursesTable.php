<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Registration\Course;
use Floodgate\Registration\Courses;

/** The list of courses, the next opening first. Method names are WordPress's. */
final class CoursesTable extends \WP_List_Table
{
    private const PER_PAGE = 50;

    /** The course that nobody can delete here. */
    private ?int $fromSettings = null;

    public function __construct(private readonly Courses $courses)
    {
        parent::__construct(['singular' => 'floodgate-course', 'plural' => 'floodgate-courses', 'ajax' => false]);
    }

    public function prepare_items(): void
    {
        $courses = $this->courses->offered();
        $this->fromSettings = $this->courses->ofSettings()?->id;
        $by = is_string($_GET['orderby'] ?? null) ? $_GET['orderby'] : '';
        $value = match ($by) {
            'title' => static fn (Course $course): string => mb_strtolower($course->title),
            'seats' => static fn (Course $course): int => $course->taken,
            default => static fn (Course $course): int => $course->opensAt,
        };
        $sign = ($_GET['order'] ?? '') === 'desc' ? -1 : 1;
        usort($courses, static fn (Course $one, Course $other): int => $sign * ($value($one) <=> $value($other)));
        $this->items = array_slice($courses, (min($this->get_pagenum(), Address::PAGES_MAX) - 1) * self::PER_PAGE, self::PER_PAGE);
        $this->set_pagination_args(['total_items' => count($courses), 'per_page' => self::PER_PAGE]);
        $this->_column_headers = [$this->get_columns(), [], $this->get_sortable_columns(), 'title'];
    }

    /** @return array<string, string> */
    public function get_columns(): array
    {
        return [
            'title' => __('Title', 'floodgate'),
            'state' => __('State', 'floodgate'),
            'seats' => __('Seats taken', 'floodgate'),
            'opens' => __('Opens', 'floodgate'),
            'closes' => __('Closes', 'floodgate'),
        ];
    }

    /** @return array<string, list<mixed>> */
    protected function get_sortable_columns(): array
    {
        return [
            'title' => ['title', false],
            'seats' => ['seats', false],
            'opens' => ['opens', false, '', '', isset($_GET['orderby']) ? '' : 'asc'],
        ];
    }

    public function no_items(): void
    {
        esc_html_e('There is no course yet.', 'floodgate');
    }

    protected function column_title(Course $item): string
    {
        return sprintf(
            '<strong><a class="row-title" href="%s">%s</a></strong>',
            esc_url(Address::form($item->id)),
            esc_html($item->title)
        );
    }

    protected function column_state(Course $item): string
    {
        $state = $item->state();
        return sprintf('<span class="floodgate-state is-%s">%s</span>', esc_attr($state->value), esc_html(Words::state($state)));
    }

    protected function column_seats(Course $item): string
    {
        return sprintf(
            '<a href="%s">%s</a><br><meter class="floodgate-taken" aria-hidden="true" max="%d" value="%d"></meter>',
            esc_url(Address::of(View::Ledger, $item)),
            esc_html(Words::seats($item) . ($item->queued > 0
                /* translators: %s: number of people */
                ? ' · ' . sprintf(__('%s waiting', 'floodgate'), number_format_i18n($item->queued))
                : '')),
            $item->seats,
            $item->taken
        );
    }

    protected function column_opens(Course $item): string
    {
        $warning = Words::unknownZone($item);
        return esc_html(Words::time($item->opensAt, $item)) . ($warning === '' ? '' : '<br><strong>' . esc_html($warning) . '</strong>');
    }

    protected function column_closes(Course $item): string
    {
        return $item->closesAt === null
            ? '<span aria-hidden="true">—</span><span class="screen-reader-text">' . esc_html__('never', 'floodgate') . '</span>'
            : esc_html(Words::time($item->closesAt, $item));
    }

    /**
     * @param Course $item
     * @param string $column_name
     * @param string $primary
     */
    protected function handle_row_actions($item, $column_name, $primary): string
    {
        if ($column_name !== $primary) {
            return '';
        }
        $link = static fn (string $address, string $text, string $class = ''): string => sprintf(
            '<a href="%s" class="%s" aria-label="%s">%s</a>',
            esc_url($address),
            esc_attr($class),
            esc_attr("$text: {$item->title}"),
            esc_html($text)
        );
        $actions = [
            'edit' => $link(Address::form($item->id), __('Edit', 'floodgate')),
            'registrations' => $link(Address::of(View::Ledger, $item), __('Registrations', 'floodgate')),
            'view' => $link(home_url($item->path()), __('View page', 'floodgate')),
        ];
        if ($item->id !== $this->fromSettings) {
            $actions['delete'] = $link(Address::of(View::Remove, $item), __('Delete', 'floodgate'), 'submitdelete');
        }
        return $this->row_actions($actions);
    }
}
