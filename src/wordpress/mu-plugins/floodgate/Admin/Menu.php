<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Http\Page;
use Floodgate\Registration\Course;
use Floodgate\Registration\Courses;
use Floodgate\Registration\Database;
use Floodgate\Registration\DatabaseError;
use Floodgate\Site\Languages;

/** The menu "Registration" of the dashboard, and which screen an address means. */
final class Menu
{
    private ?Screen $screen = null;

    public static function register(): void
    {
        $menu = new self();
        add_action('admin_menu', $menu->add(...));
        // It is said once: the table's links to its other pages leave it out.
        add_filter('removable_query_args', static fn (array $names): array => [...$names, 'notice']);
        add_filter('set_screen_option_' . LedgerScreen::PER_PAGE, static fn (mixed $keep, string $option, mixed $value): int =>
            max(1, min(999, (int) $value)), 10, 3);
    }

    private function add(): void
    {
        $show = function (): void {
            $isTranslated = str_starts_with(get_user_locale(), 'en') || Languages::file(get_user_locale()) !== null;
            echo $isTranslated ? '<div>' : '<div lang="en">';
            $this->screen?->show();
            echo '</div>';
        };
        $all = add_menu_page(
            __('Registration', 'floodgate'),
            __('Registration', 'floodgate'),
            Access::CAPABILITY,
            Address::LIST,
            $show,
            'dashicons-tickets-alt',
            26
        );
        add_submenu_page(
            Address::LIST,
            __('Courses', 'floodgate'),
            __('All courses', 'floodgate'),
            Access::CAPABILITY,
            Address::LIST
        );
        $form = add_submenu_page(
            Address::LIST,
            __('Course', 'floodgate'),
            __('Add course', 'floodgate'),
            Access::CAPABILITY,
            Address::FORM,
            $show
        );
        add_action("load-$all", fn () => $this->load($this->listed(...)));
        add_action("load-$form", fn () => $this->load(self::form(...)));
    }

    /** @param \Closure(Database): Screen $choose */
    private function load(\Closure $choose): void
    {
        require_once ABSPATH . 'wp-admin/includes/class-wp-list-table.php';
        wp_enqueue_style('floodgate-admin', Page::asset('admin.css'), [], null);
        try {
            $this->screen = $choose(Database::ofWordPress());
            $this->screen->load();
        } catch (DatabaseError $error) {
            error_log("floodgate: {$_SERVER['REQUEST_URI']}: {$error->getMessage()}");
            // Not 503: nginx would say that many people are here, and ask for the form again and again.
            wp_die(
                esc_html__('The database did not answer, so it is not known whether this was done. Please look at the list before you try again.', 'floodgate'),
                '',
                ['response' => 500, 'link_url' => Address::courses(), 'link_text' => esc_html__('All courses', 'floodgate')]
            );
        }
    }

    private function listed(Database $database): Screen
    {
        if (!isset($_GET['view'])) {
            return new CoursesScreen(new Courses($database));
        }
        if (isset($_GET['code'])) {
            self::toTheDoor($database);
        }
        $course = self::course($database) ?? self::refuse();
        return match (View::tryFrom(is_string($_GET['view']) ? $_GET['view'] : '')) {
            View::Ledger => new LedgerScreen($database, $course),
            View::Export => new ExportScreen($database, $course),
            View::Claim => new ClaimScreen($database, $course),
            View::Correct => new CorrectScreen($database, $course),
            View::Cancel => new CancelScreen($database, $course),
            View::LeaveList => new LeaveListScreen($database, $course),
            View::TakeOffer => new TakeOfferScreen($database, $course),
            View::SendAgain => new SendAgainScreen($database, $course),
            View::Message => new MessageScreen($database, $course),
            View::Door => new DoorScreen($database, $course),
            View::Remove => new RemoveScreen(new Courses($database), $course),
            null => self::refuse(),
        };
    }

    private static function form(Database $database): Screen
    {
        $course = isset($_GET['course']) ? self::course($database) ?? self::refuse() : null;
        return new CourseScreen(new Courses($database), $course);
    }

    private static function course(Database $database): ?Course
    {
        $id = filter_var($_GET['course'] ?? null, FILTER_VALIDATE_INT);
        return $id === false ? null : (new Courses($database))->byId($id);
    }

    /** What a camera reads from a ticket names the code alone. */
    private static function toTheDoor(Database $database): never
    {
        $code = strtoupper((string) preg_replace('/[^A-Za-z0-9]/', '', is_string($_GET['code']) ? $_GET['code'] : ''));
        $course = (new Courses($database))->ofCode($code);
        if ($course === null) {
            wp_die(
                esc_html__('Nobody has a seat with this code. It may have been cancelled, or belong to another site.', 'floodgate'),
                '',
                ['response' => 404, 'link_url' => Address::courses(), 'link_text' => esc_html__('All courses', 'floodgate')]
            );
        }
        wp_safe_redirect(Address::of(View::Door, $course, ['s' => $code]));
        exit;
    }

    private static function refuse(): never
    {
        wp_die(
            esc_html__('There is no such course. Somebody may have deleted it.', 'floodgate'),
            '',
            ['response' => 404, 'link_url' => Address::courses(), 'link_text' => esc_html__('All courses', 'floodgate')]
        );
    }
}
