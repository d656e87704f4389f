<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Mail\MailServer;
use Floodgate\Registration\Course;

/** The inputs of a course's form, except its fields. */
final class CourseFormTable
{
    public function __construct(private readonly CourseForm $form, private readonly ?Course $course)
    {
    }

    public function show(): void
    {
        ?>
        <table class="form-table" role="presentation">
        <?php
        $this->row('title', __('Title', 'floodgate'), $this->input('title', 'text', 'class="large-text" maxlength="200" required'));
        $this->row('slug', __('Address', 'floodgate'), $this->slug(), $this->course === null
            ? __('Small letters, digits and dashes. Leave it empty to make it from the title.', 'floodgate')
            : __('Small letters, digits and dashes. Links to the old address stop working when you change it.', 'floodgate'));
        $this->draft();
        $this->row(
            'summary',
            __('Summary', 'floodgate'),
            sprintf(
                '<textarea %s class="large-text" rows="2" maxlength="%d">%s</textarea>',
                $this->form->mistakes->attributes('summary', hint: true),
                CourseForm::SUMMARY_MAX,
                "\n" . esc_textarea($this->form->values['summary'] ?? '')
            ),
            __('One or two sentences: below the title, in the list of courses, in search engines and where somebody shares the link.', 'floodgate')
        );
        $this->picture();
        $this->text();
        $this->row(
            'starts',
            __('Course begins', 'floodgate'),
            $this->time('starts', ''),
            trim(__('Shown on the page, on the ticket and in e-mails, and offered to calendars. Leave it empty if there is no single date.', 'floodgate') . ' ' . $this->inUtc($this->course?->startsAt))
        );
        $this->row('ends', __('Course ends', 'floodgate'), $this->time('ends', ''), $this->inUtc($this->course?->endsAt));
        if (MailServer::isSet()) {
            $this->row(
                'remind',
                __('Reminder', 'floodgate'),
                $this->input('remind', 'number', 'min="1" max="' . CourseForm::REMIND_MAX . '"'),
                __('How many hours before the course begins everybody who has registered by then is reminded by e-mail. Leave it empty to send no reminder.', 'floodgate')
            );
        } else {
            printf('<input type="hidden" name="remind" value="%s">', esc_attr($this->form->values['remind'] ?? ''));
        }
        $this->row('place', __('Place', 'floodgate'), $this->input('place', 'text', 'class="large-text" maxlength="200"'), __('An address that a map finds, or a room.', 'floodgate'));
        $this->row('opens', __('Registration opens', 'floodgate'), $this->time('opens', 'required'), $this->inUtc($this->course?->opensAt));
        $this->row(
            'closes',
            __('Registration closes', 'floodgate'),
            $this->time('closes', ''),
            trim(__('If it is empty, registration never closes by itself.', 'floodgate') . ' ' . $this->inUtc($this->course?->closesAt))
        );
        $this->row('zone', __('Time zone', 'floodgate'), $this->zones(), __('All times above are in this time zone; visitors see it beside them.', 'floodgate'));
        $this->row('seats', __('Seats', 'floodgate'), $this->input('seats', 'number', 'min="1" max="' . CourseForm::SEATS_MAX . '" required'), $this->taken());
        $this->onePerEmail();
        $this->waitingList();
        ?>
        </table>
        <?php
    }

    /** @param string $input HTML */
    private function row(string $name, string $label, string $input, string $hint = ''): void
    {
        printf(
            '<tr><th scope="row"><label for="%1$s">%2$s</label></th><td>%3$s%4$s%5$s</td></tr>',
            esc_attr(FormMistakes::id($name)),
            esc_html($label),
            $this->form->mistakes->at($name),
            $input,
            $hint === '' ? '' : sprintf('<p class="description" id="%s-hint">%s</p>', esc_attr(FormMistakes::id($name)), esc_html($hint))
        );
    }

    /** @param string $more attributes */
    private function input(string $name, string $type, string $more): string
    {
        return sprintf(
            '<input type="%s" %s value="%s" %s>',
            esc_attr($type),
            $this->form->mistakes->attributes($name, hint: $name !== 'title'),
            esc_attr($this->form->values[$name] ?? ''),
            $more
        );
    }

    /** To the minute, unless it has seconds already. @param string $more attributes */
    private function time(string $name, string $more): string
    {
        $hasSeconds = preg_match('/:\d\d:\d\d/', $this->form->values[$name] ?? '') === 1;
        return $this->input($name, 'datetime-local', $more . ($hasSeconds ? ' step="1"' : ''));
    }

    private function slug(): string
    {
        return sprintf(
            '<span class="floodgate-code">%s</span>%s<span class="floodgate-code">/</span>',
            esc_html(home_url('/register/')),
            $this->input('slug', 'text', 'class="regular-text code" maxlength="64" spellcheck="false" autocapitalize="off"')
        );
    }

    private function text(): void
    {
        echo '<tr><th scope="row"><label for="floodgate-text">', esc_html__('Text', 'floodgate'), '</label></th><td>', $this->form->mistakes->at('text');
        // Without the visual editor WordPress does not escape the text, and "&lt;" would become a tag.
        add_filter('the_editor_content', 'format_for_editor', 10, 2);
        wp_editor($this->form->values['text'] ?? '', 'floodgate-text', [
            'textarea_name' => 'text',
            'textarea_rows' => 8,
            'media_buttons' => false,
            // The visual editor's buttons do not pass for accessible (WCAG 2.2, 4.1.2); these are plain ones.
            'tinymce' => false,
            'quicktags' => ['buttons' => 'strong,em,link,ul,ol,li'],
        ]);
        echo '<p class="description">', esc_html__('What the course is about, for whom it is, what to bring. It stands beside the form, on a phone below it. A blank line begins a new paragraph.', 'floodgate'), '</p></td></tr>';
    }

    private function picture(): void
    {
        $id = (int) ($this->form->values['picture'] ?? '');
        $shown = $id === 0 ? '' : wp_get_attachment_image($id, 'medium', false, ['alt' => $this->form->values['picture_alt'] ?? '']);
        $input = sprintf('<input type="hidden" name="picture" value="%s">', esc_attr($this->form->values['picture'] ?? ''));
        if ($shown !== '') {
            $input .= sprintf(
                '<p>%s</p><p><label><input type="checkbox" name="picture_remove" value="1"> %s</label></p>',
                $shown,
                esc_html__('Take the picture away', 'floodgate')
            );
        }
        if (current_user_can('upload_files')) {
            $input .= sprintf(
                '<input type="file" accept="image/jpeg,image/png,image/webp,image/avif,image/gif" %s>',
                $this->form->mistakes->attributes(Pictures::FILE, hint: true)
            );
        }
        $this->row(
            Pictures::FILE,
            __('Picture', 'floodgate'),
            $input,
            __('On the page, in the list of courses and where somebody shares the link. 1200 pixels wide or more look best.', 'floodgate')
        );
        $this->row(
            'picture_alt',
            __('What the picture shows', 'floodgate'),
            $this->input('picture_alt', 'text', 'class="large-text" maxlength="200"'),
            __('For people who cannot see it. Leave it empty if the picture is only decoration.', 'floodgate')
        );
    }

    private function draft(): void
    {
        printf(
            '<tr><th scope="row">%s</th><td><label><input type="checkbox" %s value="1"%s> %s</label><p class="description" id="%s-hint">%s</p></td></tr>',
            esc_html__('Draft', 'floodgate'),
            $this->form->mistakes->attributes('draft', hint: true),
            checked(($this->form->values['draft'] ?? '') !== '', true, false),
            esc_html__('Only organisers see it', 'floodgate'),
            esc_attr(FormMistakes::id('draft')),
            esc_html__('Nobody else finds the page, and nobody can register. People who have a seat already keep it.', 'floodgate')
        );
    }

    private function zones(): string
    {
        $chosen = $this->form->values['zone'] ?? '';
        /* translators: %s: name of a time zone */
        $options = self::option('', sprintf(__('The site’s: %s', 'floodgate'), wp_timezone_string()), $chosen);
        // One that a course has, by a name that was given up: it stays, or is seen not to be known.
        if ($chosen !== '' && !in_array($chosen, \DateTimeZone::listIdentifiers(), true)) {
            $options .= self::option($chosen, $chosen, $chosen);
        }
        $regions = [];
        foreach (\DateTimeZone::listIdentifiers() as $zone) {
            [$region, $city] = explode('/', $zone, 2) + [1 => $zone];
            $regions[$region] = ($regions[$region] ?? '') . self::option($zone, strtr($city, ['_' => ' ', '/' => ' – ']), $chosen);
        }
        foreach ($regions as $region => $cities) {
            $options .= sprintf('<optgroup label="%s">%s</optgroup>', esc_attr($region), $cities);
        }
        return "<select {$this->form->mistakes->attributes('zone', hint: true)}>$options</select>";
    }

    private static function option(string $value, string $text, string $chosen): string
    {
        return sprintf('<option value="%s"%s>%s</option>', esc_attr($value), selected($value, $chosen, false), esc_html($text));
    }

    private function inUtc(?int $milliseconds): string
    {
        return $milliseconds === null ? '' : sprintf(
            /* translators: %s: date and time */
            __('As saved: %s UTC.', 'floodgate'),
            gmdate('Y-m-d H:i:s', intdiv($milliseconds, 1000))
        );
    }

    private function taken(): string
    {
        $promised = (int) $this->course?->taken + (int) $this->course?->held;
        return $promised === 0 ? '' : sprintf(
            /* translators: %s: number of seats */
            _n('%s seat is taken; there cannot be fewer.', '%s seats are taken; there cannot be fewer.', $promised, 'floodgate'),
            number_format_i18n($promised)
        );
    }

    private function onePerEmail(): void
    {
        $fixed = ($this->course->taken ?? 0) + ($this->course->held ?? 0) + ($this->course->queued ?? 0) > 0;
        $chosen = ($this->form->values['one_per_email'] ?? '') !== '';
        ?>
        <tr><th scope="row"><?php esc_html_e('One person', 'floodgate'); ?></th><td><?php echo $this->form->mistakes->at('one_per_email'); ?>
        <?php if ($fixed) : // A disabled checkbox is not submitted. ?>
        <input type="hidden" name="one_per_email" value="<?php echo $chosen ? '1' : ''; ?>">
        <?php endif; ?>
        <label><input type="checkbox" <?php echo $this->form->mistakes->attributes('one_per_email', $fixed ? 'shown' : null, hint: true); ?> value="1"<?php checked($chosen); ?><?php disabled($fixed); ?>>
        <?php esc_html_e('One seat per e-mail address', 'floodgate'); ?></label>
        <p class="description" id="<?php echo esc_attr(FormMistakes::id('one_per_email')); ?>-hint"><?php echo esc_html($fixed
            ? __('This cannot be changed any more, because somebody is registered.', 'floodgate')
            : __('If it is not ticked, one address can have a seat for each name, so that a family can register with one address.', 'floodgate')); ?></p>
        </td></tr>
        <?php
    }

    private function waitingList(): void
    {
        $chosen = ($this->form->values['waiting_list'] ?? '') !== '';
        ?>
        <tr><th scope="row"><?php esc_html_e('Waiting list', 'floodgate'); ?></th><td><?php echo $this->form->mistakes->at('waiting_list'); ?>
        <label><input type="checkbox" <?php echo $this->form->mistakes->attributes('waiting_list', hint: true); ?> value="1"<?php checked($chosen); ?>>
        <?php esc_html_e('When all seats are taken, people can wait for one', 'floodgate'); ?></label>
        <p class="description" id="<?php echo esc_attr(FormMistakes::id('waiting_list')); ?>-hint"><?php echo esc_html(MailServer::isSet()
            ? __('A seat that is given back is offered to the people who wait, one after the other, by e-mail. Nobody else gets it meanwhile.', 'floodgate')
            : __('A seat that is given back is offered to the people who wait, one after the other. The site sends no e-mail: they only see it when they look.', 'floodgate')); ?></p>
        </td></tr>
        <?php
        $this->row(
            'offer',
            __('An offer holds', 'floodgate'),
            $this->input('offer', 'number', 'min="1" max="' . CourseForm::OFFER_MAX . '" required'),
            __('For how many hours a seat is held for the person to whom it is offered. Then it goes to the next one.', 'floodgate')
        );
    }
}
